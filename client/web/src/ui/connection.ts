// The WebSocket: opened relative to the page, opened again for ever after it broke.
import { Backoff } from '../core/backoff.ts';
import {
  SUBPROTOCOL, fromBytes, toBytes, type FromServer, type ToServer, type Welcome,
} from '../core/protocol.ts';

export type Link =
  | { state: 'connecting' }
  | { state: 'connected' }
  | { state: 'unstable'; since: number }
  | { state: 'reconnecting'; at: number } // `at`: when the next try starts, performance.now()
  | { state: 'ended'; reason: string };

export interface ConnectionEvents {
  welcome(message: Welcome): void;
  message(message: FromServer, bytes: number): void;
  link(link: Link): void;
  patient(): boolean; // the server may be silent now: it loads a map
}

const HANDSHAKE = 10_000; // ms until a connection that does not come up is given up
const UNSTABLE = 1500; // ms without an answer
const DEAD = 15_000;
const SETTLED = 5000; // ms after which a connection counts as good and the back-off starts anew
const VERSION_ERROR = 14;

export class Connection {
  private socket: WebSocket | null = null;
  private link: Link = { state: 'connecting' };
  private id: string | undefined;
  private readonly backoff = new Backoff();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private startedAt = 0;
  private welcomedAt = 0;
  private waitingSince = 0; // something was asked then and nothing was heard since; 0: nothing is
  generation = 0; // counts connections: what belongs to an earlier one is stale

  constructor(private readonly events: ConnectionEvents) {
    setInterval(() => this.watch(), 250);
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      this.waitingSince = 0;
      this.send({ t: document.hidden ? 'pause' : 'resume' });
      if (!document.hidden) this.hurry();
    });
  }

  get connected(): boolean {
    return this.link.state === 'connected' || this.link.state === 'unstable';
  }

  connect(): void {
    clearTimeout(this.retry);
    const url = new URL('ws', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    this.generation += 1;
    this.startedAt = performance.now();
    this.welcomedAt = 0;
    const socket = new WebSocket(url.href, SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () =>
      this.write({ t: 'hello', v: 1, ...(this.id === undefined ? {} : { resume: this.id }) });
    socket.onmessage = (event) => this.receive(socket, event.data as ArrayBuffer);
    socket.onclose = () => this.closed(socket);
  }

  // Dropped silently while there is no connection: the whole state is sent when it is back.
  send(message: ToServer): void {
    if (!this.connected) return;
    this.write(message);
    const answered = message.t === 'set' || message.t === 'probe' || message.t === 'open';
    if (answered && this.waitingSince === 0) this.waitingSince = performance.now();
  }

  private write(message: ToServer): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(toBytes(message) as Uint8Array<ArrayBuffer>);
  }

  private receive(socket: WebSocket, data: ArrayBuffer): void {
    if (socket !== this.socket) return;
    let message: FromServer | null = null;
    try {
      message = fromBytes(new Uint8Array(data));
    } catch (error) {
      console.warn(error);
      return socket.close(4400, 'malformed message');
    }
    this.waitingSince = 0;
    if (this.link.state === 'unstable') this.become({ state: 'connected' });
    if (!message) return;
    if (message.t === 'welcome') {
      this.id = message.id;
      this.welcomedAt = performance.now();
      this.become({ state: 'connected' });
      this.events.welcome(message);
      if (document.hidden) this.send({ t: 'pause' });
    } else if (message.t === 'error' && message.code === VERSION_ERROR) {
      this.end(message.message);
    } else if (message.t === 'bye' && !message.retry) {
      this.end(message.reason);
    } else {
      this.events.message(message, data.byteLength);
    }
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket || this.link.state === 'ended') return;
    this.socket = null;
    this.waitingSince = 0;
    if (this.welcomedAt > 0 && performance.now() - this.welcomedAt > SETTLED) this.backoff.reset();
    const wait = this.backoff.next();
    this.become({ state: 'reconnecting', at: performance.now() + wait });
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private end(reason: string): void {
    this.become({ state: 'ended', reason });
    this.socket?.close();
  }

  private become(link: Link): void {
    this.link = link;
    this.events.link(link);
  }

  // Something changed for the better (the network is back, the page is seen again): try now.
  private hurry(): void {
    if (this.link.state === 'reconnecting' && !this.socket) this.connect();
  }

  private watch(): void {
    const now = performance.now();
    if (this.socket && this.welcomedAt === 0 && now - this.startedAt > HANDSHAKE) {
      return this.abandon(this.socket);
    }
    if (this.waitingSince === 0 || document.hidden || this.events.patient()) return;
    const silent = now - this.waitingSince;
    if (silent > DEAD && this.socket) return this.abandon(this.socket);
    if (silent > UNSTABLE && this.link.state === 'connected') {
      this.become({ state: 'unstable', since: this.waitingSince });
    }
  }

  // A socket that does not answer may take minutes to close by itself.
  private abandon(socket: WebSocket): void {
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.closed(socket);
  }
}
