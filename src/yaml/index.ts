export { IN_NO_FILE, type Path, type Place, type Places } from './places.js';
export { beginning, linesOf, type Problem, problemsOfShape } from './problems.js';
export { readYaml, type Written } from './read.yaml.js';
