// The page and its server: what the server says goes to the panels, how it is with the connection to
// the foot line.
import { toFragment, fromFragment } from '../core/fragment.ts';
import type { FromServer, Welcome } from '../core/protocol.ts';
import { Connection, type Link } from './connection.ts';
import type { Arrival } from './frames.ts';
import { Page } from './page.ts';
import type { Panel } from './panel.ts';
import type { ScreenEvents } from './screen.ts';
import { Share } from './share.ts';
import { Status } from './status.ts';
import { Why } from './why.ts';

const SAY_WAITING = 200; // ms before the page says that it waits
const SAY_LOST = 900;

export class App {
  readonly status = new Status();
  readonly why = new Why();
  readonly page: Page;
  readonly share = new Share(
    () => toFragment(this.page.views),
    (sentence) => this.status.complain(sentence),
  );
  private readonly connection: Connection;
  private link: Link = { state: 'connecting' };
  private server: Welcome['server'] | null = null;
  welcomed: (message: Welcome) => void = () => undefined; // for whom else it concerns
  private waitTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ScreenEvents, made: (panel: Panel) => void) {
    this.connection = new Connection({
      welcome: (m) => this.welcome(m),
      message: (m, bytes) => this.receive(m, bytes),
      link: (link) => this.linked(link),
      patient: () => this.page.list.some((panel) => panel.view.loading),
    });
    this.page = new Page(
      {
        send: (m) => this.connection.send(m),
        connected: () => this.connection.connected,
        generation: () => this.connection.generation,
        complain: (sentence) => this.status.complain(sentence),
        say: (sentence) => this.say(sentence),
        changed: () => this.share.later(),
        other: () => this.why.clear(),
        shown: (panel, arrival, start) => this.shown(panel, arrival, start),
        made,
      },
      events,
    );
    addEventListener('hashchange', () => this.read());
    setInterval(() => this.showStatus(), 500);
  }

  start(): void {
    this.read();
    this.connection.connect();
    this.showStatus();
    this.wait('connecting to the server…');
  }

  // The address says what to show: at the start, and when it was changed by hand or by another link.
  private read(): void {
    const { views, wrong } = fromFragment(location.hash);
    this.status.complain(''); // it was about another address
    this.page.show(views);
    if (wrong.length === 0) return;
    this.status.complain(
      `The link says something about ${wrong.join(', ')} that this page does not understand; ` +
        'the usual is shown instead.',
    );
  }

  // --- what the server says ---

  private linked(link: Link): void {
    const lost = link.state === 'reconnecting' && this.link.state !== 'reconnecting';
    this.link = link;
    this.showStatus();
    if (link.state === 'ended') this.say(link.reason);
    if (lost) {
      this.wait(
        this.page.model.frame ? 'The connection is lost; trying again…'
        : 'The server cannot be reached; trying again…',
        SAY_LOST,
      );
    }
  }

  private welcome(message: Welcome): void {
    this.server = message.server;
    this.welcomed(message);
    this.page.uploads = message.limits.upload > 0;
    this.say('');
    this.page.welcome(message.scenes);
  }

  private receive(message: FromServer, bytes: number): void {
    switch (message.t) {
      case 'scenes':
        return this.page.newScenes(message.scenes);
      case 'opened':
        return this.page.opened(message.view, message.map);
      case 'loading':
        return this.page.panel(message.view)?.loading(message);
      case 'frame':
        return this.page.panel(message.view)?.take(message, bytes);
      case 'probed':
        return this.page.panel(message.view)?.probed(message);
      case 'error': {
        const panel = this.page.panel(message.view);
        if (panel) return panel.error(message, this.page.list.length === 1);
        if (message.view === null) this.status.complain(message.message);
        return;
      }
      default:
        return;
    }
  }

  private shown(panel: Panel, arrival: Arrival, start: number): void {
    const { page } = this;
    const { frame } = panel.model;
    const root = document.documentElement;
    this.say('');
    if (panel === page.active && frame) {
      const { asked, bytes } = arrival;
      this.status.measured(asked ? performance.now() - asked.at : null, bytes);
      this.why.add(frame, arrival, start);
      root.dataset['seq'] = String(frame.seq);
    }
    root.dataset['exact'] = String(page.list.every(({ model }) => model.frame?.exact));
    this.showStatus();
  }

  // --- words ---

  // Says over the picture what is waited for, unless it comes soon.
  private wait(text: string, patience = SAY_WAITING): void {
    clearTimeout(this.waitTimer);
    this.waitTimer = setTimeout(() => this.status.veil(text, true), patience);
  }

  private say(text: string): void {
    clearTimeout(this.waitTimer);
    this.status.veil(text);
  }

  private showStatus(): void {
    this.status.show({ link: this.link, frame: this.page.model.frame, server: this.server });
  }
}
