# The steps of .ci/run: each with a time limit, after which its whole process group is ended.

results=()
group=

# step NAME LIMIT COMMAND...: runs a command and keeps its exit code. What has not ended within the limit (20m, 90s) is
# told to end, is killed 30 seconds later with all that it started, and counts as failed.
step() {
  local name=$1 limit=$2 code=0
  shift 2
  printf '\n== %s (at most %s): %s\n' "$name" "$limit" "$*"
  # timeout makes itself the leader of a process group.
  timeout --kill-after="${GRACE:-30s}" "$limit" "$@" &
  group=$!
  wait "$group" || code=$?
  # What ignored the signal after the command itself had ended.
  kill -KILL -- "-$group" 2>/dev/null || true
  group=
  if ((code == 124 || code == 137)); then
    printf '\nThe step %s did not end within %s and was ended.\n' "$name" "$limit" >&2
  fi
  results+=("$name=$code")
  return "$code"
}

# Ends the step under way where the run itself is ended.
end_step() {
  if [[ -n $group ]]; then kill -TERM -- "-$group" 2>/dev/null || true; fi
}
