// The part of @open-rpc/client-js that the generated client uses. Its requests go over HTTP, WebSocket and postMessage:
// the sidecar is at none of these, so the package itself is not installed.

declare module "@open-rpc/client-js" {
  class Transport {
    constructor(uri: string);
  }
  export class PostMessageWindowTransport extends Transport {}
  export class PostMessageIframeTransport extends Transport {}
  export class WebSocketTransport extends Transport {}
  export class HTTPTransport extends Transport {}
  export class RequestManager {
    constructor(transports: Transport[]);
  }
  export interface JSONRPCError {
    message: string;
    code: number;
    data: unknown;
  }
  export class Client {
    constructor(manager: RequestManager);
    startBatch(): void;
    stopBatch(): void;
    request(call: { method: string; params: unknown }, timeout?: number): Promise<any>;
    notify(call: { method: string; params: unknown }): Promise<any>;
    onNotification(callback: (data: any) => void): void;
    onError(callback: (error: JSONRPCError) => void): void;
  }
}

declare module "@open-rpc/meta-schema" {
  import { OpenrpcDocument as Document } from "@open-rpc/spec-types";
  export type OpenrpcDocument = Document;
  export type MethodObject = { name: string; result?: unknown; params: { name: string }[]; paramStructure?: string };
  export type ContentDescriptorObject = { name: string };
}

declare module "lodash" {
  const lodash: {
    find<T>(values: T[], test: (value: T) => boolean): T | undefined;
    map<T>(values: T[], key: keyof T): string[];
    zipObject(keys: string[], values: unknown[]): Record<string, unknown>;
  };
  export default lodash;
}
