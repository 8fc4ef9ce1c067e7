import { ask, tell } from './connection.ts';
import { element, setText } from './dom.ts';
import { formatTime } from './format.ts';
import type {
  CommandDone,
  CommandRequest,
  DeviceView,
  Message,
  MessageDetails,
  RevocationDone,
  RevocationPlan,
  RevocationRequest,
} from './wire.ts';

/** Opens a dialog; Escape and its button close it, and then it is gone. */
function open(title: string, ...content: HTMLElement[]): HTMLDialogElement {
  const close = element('button.quiet', { type: 'button' }, 'Close');
  const heading = element('h2.theirs', { id: 'dialog-title' }, title);
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'dialog-title' },
    element('header', heading, close),
    ...content,
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Where a dialog says what became of what was asked for. */
function outcome(): HTMLElement {
  return element('div.outcome', { role: 'status' });
}

function failure(error: unknown): HTMLElement {
  return element('p.failure.theirs', error instanceof Error ? error.message : String(error));
}

/** One message: what the device sent, and the row it became. */
export function showMessage({ device, arrival, received, measured = received }: Message): void {
  const body = element('div', { 'aria-busy': true }, element('p.muted', 'Reading the row …'));
  open(`${device}, ${formatTime(measured)}`, body);
  ask<MessageDetails>('/api/message', { device, arrival })
    .then(({ payload, remark, columns }) => {
      const row = ([column, type, value]: MessageDetails['columns'][number]) =>
        element(
          'tr',
          element('th.theirs', { scope: 'row' }, column),
          element('td.muted', TYPES[type] ?? type),
          element('td.theirs', value),
        );
      body.replaceChildren(
        element('h3', 'As sent'),
        ...(remark === undefined ? [] : [element('p.muted', remark)]),
        element('pre.theirs', { tabindex: 0, role: 'group', 'aria-label': 'The message as sent' }, payload),
        element('h3', 'As stored'),
        element(
          'div.scroll',
          { tabindex: 0, role: 'region', 'aria-label': 'The row as stored' },
          element(
            'table',
            element('thead', element('tr', ...['Column', 'Type', 'Value'].map((head) => th(head)))),
            element('tbody', ...columns.map(row)),
          ),
        ),
      );
    })
    .catch((error: unknown) => body.replaceChildren(failure(error)))
    .finally(() => body.removeAttribute('aria-busy'));
}

/** DynamoDB's types by name (Developer Guide, "Data type descriptors"). */
const TYPES: Readonly<Record<string, string>> = {
  S: 'string',
  N: 'number',
  B: 'binary',
  BOOL: 'boolean',
  NULL: 'null',
  M: 'map',
  L: 'list',
  SS: 'string set',
  NS: 'number set',
  BS: 'binary set',
};

function th(text: string): HTMLElement {
  return element('th', { scope: 'col' }, text);
}

/** Sends a command. */
export function openCommand({ device, commandTopic }: DeviceView): void {
  const payload = element(
    'textarea',
    { rows: 4, spellcheck: 'false', required: true, autofocus: true, 'aria-describedby': 'payload-help' },
    '{"relay":true}',
  );
  const levels = element('input', { value: 'command', required: true, spellcheck: 'false' });
  const button = element('button.primary', { type: 'submit' }, 'Send');
  const said = outcome();
  const form = element(
    'form',
    element('label', 'Payload', payload),
    element('p.muted', { id: 'payload-help' }, 'JSON. Published with QoS 1.'),
    element('label', 'Topic', element('span.joined', element('span', `${commandTopic}/`), levels)),
    said,
    element('footer', button),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    setText(said, 'Sending …');
    const body: CommandRequest = { device, levels: levels.value, payload: payload.value };
    tell<CommandDone>('/api/command', body)
      .then(({ topic, fate, text }) => {
        said.replaceChildren(
          element('p', { class: fate === 'sent' ? 'success' : 'warning' }, `Published to ${topic}. ${text}.`),
        );
      })
      .catch((error: unknown) => said.replaceChildren(failure(error)))
      .finally(() => (button.disabled = false));
  });
  open(`Send ${device} a command`, form);
}

/** Revokes a device: first what follows from it, then its name, typed. */
export function openRevocation({ device }: DeviceView): void {
  const plan = element('ul.plan', element('li.muted', 'Asking the cloud …'));
  const name = element('input', {
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    'aria-describedby': 'consequence',
  });
  const button = element('button.danger', { type: 'submit', disabled: true }, `Revoke ${device}`);
  const where = element('p', 'What is done:');
  const said = outcome();
  let isPlanned = false;
  const allow = (): void => {
    button.disabled = !isPlanned || name.value.trim() !== device;
  };
  name.addEventListener('input', allow);
  const form = element(
    'form',
    element(
      'p.consequence',
      { id: 'consequence' },
      element('strong', 'This is final.'),
      ` ${device} is cut off at once and can never connect again with its identity: AWS IoT takes no revocation back, and no deployment and no rollback undoes it. Other devices do not notice.`,
    ),
    where,
    plan,
    element('label', `To confirm, type ${device}`, name),
    said,
    element('footer', button),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    name.disabled = true;
    setText(said, 'Revoking …');
    const body: RevocationRequest = { device, confirm: name.value.trim() };
    tell<RevocationDone>('/api/revocation', body)
      .then(({ steps }) => {
        said.replaceChildren(element('ul.done', ...steps.map((step) => element('li', step))));
        form.querySelector('footer')?.remove();
      })
      .catch((error: unknown) => {
        said.replaceChildren(failure(error));
        name.disabled = false;
        allow();
      });
  });
  open(`Revoke ${device}?`, form);
  name.focus();
  ask<RevocationPlan>('/api/revocation', { device })
    .then(({ cloud, plan: steps }) => {
      setText(where, `What is done (${cloud}):`);
      plan.replaceChildren(...steps.map((step) => element('li', step)));
      isPlanned = true;
      allow();
    })
    .catch((error: unknown) => plan.replaceChildren(element('li', failure(error))));
}
