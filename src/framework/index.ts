import 'reflect-metadata';

// The application
export { Application, type ApplicationOptions, createApp, rest } from './application.js';
export type { Class } from './class.js';
// Formats
export type { Codec, ReadContext } from './codecs/codec.js';
export { type EventStreamOptions, eventStream, type ServerSentEvent } from './codecs/event-stream.js';
export type { MultipartContext, MultipartLimits } from './codecs/multipart-limits.js';
export { type MultipartPart, MultipartStream } from './codecs/multipart-stream.js';
export { UploadedFile } from './codecs/upload.js';
export { type Container, ContainerError, createContainer } from './container.js';
// Access
export {
  Allow,
  Authenticated,
  type DefaultAccess,
  DenyAll,
  PermitAll,
  RolesAllowed,
} from './declare/access.js';
export { Body, type BodyOptions, MaxBody } from './declare/body.js';
// Caching and conditional requests
export {
  CacheControl,
  ETag,
  type ETagDecorator,
  type ETagOptions,
  LastModified,
  RequirePrecondition,
  type Version,
} from './declare/caching.js';
export { CrossOrigin } from './declare/cross-origin.js';
export { Injectable } from './declare/injectable.js';
// Load
export { MaxConcurrent, Priority, Timeout, Uses } from './declare/load.js';
// Media and status
export { Consumes, Languages, Produces, Status } from './declare/media.js';
// Parameters
export {
  BeanParam,
  type BindingDecorator,
  Context,
  type ContextSelector,
  CookieParam,
  DefaultValue,
  FormParam,
  HeaderParam,
  MatrixParam,
  type ParameterOptions,
  PathParam,
  QueryParam,
} from './declare/parameters.js';
// Routing
export { Path } from './declare/path.js';
// Limits
export { RateLimit } from './declare/rate-limit.js';
export { Returns } from './declare/returns.js';
export {
  DELETE,
  GET,
  HEAD,
  HttpMethod,
  OPTIONS,
  PATCH,
  POST,
  PUT,
  type VerbDecorator,
} from './declare/verbs.js';
export type { ControllerSource, ModuleLoader } from './discover.js';
export { ApiError, type ApiErrorOptions, type Issue } from './errors/api-error.js';
export { FINDINGS, type FindingCode, PROBLEMS, type ProblemCode } from './errors/catalogue.js';
export type { ProblemDocument } from './errors/failure.js';
export { type Finding, formatFinding, StartupError } from './errors/startup-error.js';
export type { CacheDirectives } from './http/cache-control.js';
export type { CrossOriginOptions } from './http/cross-origin.js';
export type { FileOptions } from './http/file-content.js';
export type { LinkParameters } from './http/link.js';
export type { CookieOptions } from './http/set-cookie.js';
export type { PriorityLevel } from './load/admission.js';
export type { ConcurrencyOptions } from './load/concurrency.js';
export type { RateLimitPlan, Taken } from './load/gcra.js';
export type { LoadInfo, PlacesInfo } from './load/load-info.js';
export { type MemoryStoreOptions, memoryStore } from './load/memory-store.js';
export type {
  RateLimitNumbers,
  RateLimitOption,
  RateLimitOptions,
  RateLimitStore,
} from './load/rate-limit.js';
export { type RedisStoreOptions, redisStore, type SendCommand } from './load/redis-store.js';
export type { Logger } from './logger.js';
export { formatRoutes, type RouteInfo } from './model/routes.js';
export type { Limits, RestOptions, Timeouts } from './options.js';
export { Patch } from './patch/patch.js';
export { type CurrentState, Preconditions } from './preconditions.js';
// Answers and errors
export { Reply } from './reply.js';
export { type ApiKeyEntry, type ApiKeyOptions, apiKey, hashApiKey } from './security/api-key.js';
export {
  type Authenticator,
  type AuthenticatorOptions,
  InvalidCredentialsError,
  type Verified,
} from './security/authenticator.js';
export { basic } from './security/basic.js';
export { bearer } from './security/bearer.js';
export { type JwtClaims, type JwtOptions, jwt } from './security/jwt.js';
export type { JwtAlgorithm, JwtKey } from './security/jwt-keys.js';
export { hashPassword, type PasswordCost, verifyPassword } from './security/password-hash.js';
export {
  type PasswordEntry,
  type PasswordSource,
  type PasswordsOptions,
  passwords,
} from './security/passwords.js';
export { Principal } from './security/principal.js';
export type { SecurityHeader, SecurityHeaders } from './security-headers.js';
