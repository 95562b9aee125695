/**
 * Adapters for the TypeScript SDK of the Model Context Protocol, which is not imported.
 *
 * @module
 */

export type { McpAccessTokenVerifier, McpAuthInfo, McpErrors, McpVerifies } from './access-token.js'
export { toMcpVerifier } from './access-token.js'
export type { ToolScopes } from './tool-scope.js'
export { toolScope } from './tool-scope.js'
