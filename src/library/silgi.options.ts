import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { DeletionVeto } from '../common/index.js';
import type { TokenType } from '../config/index.js';
import type { DatabaseSource } from '../postgres/index.js';

/** The REST API of Silgi, below a path of the application's own Express. */
export interface SilgiHttp {
  /** Where it is answered, such as `/silgi`. The application's global prefix, guards, pipes and filters do not reach it. */
  readonly path: string;
  /** Whose tokens are accepted, as AUTH_JWKS, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_TOKEN_TYPE and AUTH_ROLES_CLAIM. */
  readonly auth: {
    /** URL of the issuer's JSON Web Key Set, or the path of a file with one. */
    readonly jwks: string;
    readonly issuer: string;
    readonly audience: string;
    /** `access` unless told. */
    readonly tokenType?: TokenType;
    /** `roles` unless told. */
    readonly rolesClaim?: string;
  };
  /** Requests of one client in a minute; 1,200 unless told. */
  readonly requestsPerMinute?: number;
  /** Requests of one address in a minute with a token that does not hold; 60 unless told. */
  readonly failedSignInsPerMinute?: number;
  /** Addresses and subnets of the reverse proxies whose `X-Forwarded-*` is believed; none unless told. */
  readonly trustedProxies?: readonly string[];
  /** Whether Swagger UI and the OpenAPI document are served below the path; not unless told. */
  readonly swaggerUi?: boolean;
}

/** Sealing of the audit log (docs/audit-log.md). Other processes may seal the same log with the same key. */
export interface SilgiSealing {
  /** PEM file of the Ed25519 key that signs checkpoints. It has to be there. */
  readonly keyFile: string;
  /** Name of this log in every checkpoint, such as `hospital.example/audit-log`. */
  readonly origin: string;
  /** File to which every checkpoint is appended, best on another machine's disk. */
  readonly checkpointsFile: string;
}

/** Work at batches of deletions by this process (docs/deletion-batches.md). */
export interface SilgiBatchWork {
  /** Patients deleted at a time, 0 to 8; 4 unless told. 0 leaves the work to other processes. */
  readonly concurrency?: number;
  /** Milliseconds after which the work of a process that has died is taken over; 30,000 unless told. */
  readonly leaseMs?: number;
  /** Days after its end at which a batch is removed; 90 unless told. */
  readonly retentionDays?: number;
}

/** What one Silgi in an application is told. Everything but the database is off unless it is there. */
export interface SilgiOptions {
  /**
   * The database, by its URL or by a data source of the application. Of a data source only the options of its connection
   * are read: Silgi opens a pool of its own, of 10 sessions at most, and closes it when the application is closed.
   */
  readonly database: DatabaseSource;
  /**
   * What the hospital says of its own tables, by the path of `silgi.yaml` or as its content in an object (docs/adopting.md);
   * patients stand in Silgi's own tables unless told. It is of the whole process: every Silgi in it is told the same.
   */
  readonly declaration?: string | object;
  /** Applies the migrations of this release before the pool is opened. */
  readonly migrations?: {
    /** PostgreSQL URL of the login that owns the tables; that of the database unless told. */
    readonly ownerUrl?: string;
  };
  /**
   * Milliseconds for which the start of the application waits for the database; 10,000 unless told. After that the
   * application starts, and the database is tried again behind it.
   */
  readonly waitMs?: number;
  readonly http?: SilgiHttp;
  readonly sealing?: SilgiSealing;
  readonly batches?: SilgiBatchWork;
  /** The controller (veri sorumlusu), whom certificates name. In production it has to be there with `http` and `sealing`. */
  readonly controller?: {
    readonly name: string;
    /** Its number in VERBİS. */
    readonly registration?: string;
    readonly contact?: string;
  };
  /** Days, 0 to 3,650, after a deletion in which it may be undone; 30 unless told, and never with 0. */
  readonly restoreWindowDays?: number;
  /**
   * How long what was deleted is kept: the path of a file (docs/retention.md); by the default policy, which nobody has
   * signed off, unless told. Of Silgi's own tables only.
   */
  readonly retentionPolicy?: string;
  /** The zone in whose days the time of data subjects' requests is counted, as IANA names it; Europe/Istanbul unless told. */
  readonly timeZone?: string;
  /** What the shards have against a deletion of their own; nothing unless told. Of Silgi's own tables only. */
  readonly deletionVetoes?: readonly DeletionVeto[];
  /** Where an OpenTelemetry collector takes traces of deletions by OTLP over HTTP. */
  readonly tracesUrl?: string;
}

/** Which Silgi of an application this is. */
export interface SilgiName {
  /** Needed from the second one on; see {@link getSilgiToken}. */
  readonly name?: string;
}

/** The same, made of what the application injects, such as its data source or its configuration. */
export interface SilgiAsyncOptions extends SilgiName, Pick<ModuleMetadata, 'imports'> {
  /** Tokens of what the factory is given. */
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<SilgiOptions | Promise<SilgiOptions>>['useFactory'];
}
