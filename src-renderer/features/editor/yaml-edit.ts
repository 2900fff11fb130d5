import { computed, ref, shallowRef } from 'vue';
import type { PilothouseApi } from '#common/contract/contract';
import type { ObjectRef } from '#common/contract/shapes';
import type { DraftStore } from './drafts';
import { keepEdits } from './keep-edits';
import { answerOf, answerOfFailure, type ServerAnswer } from './server-answer';
import { placeOf, yamlProblems, type TextProblem } from './yaml-places';

export type EditMode = 'read' | 'edit' | 'review';

export interface YamlEditOptions {
  api: PilothouseApi;
  drafts: DraftStore;
  target: ObjectRef;
  /** The newest YAML of the object. */
  live: () => string;
  /** What every write carries. */
  write: () => { confirmation?: string };
}

/** Editing one object: from its live YAML to the server's answer. An unsaved edit is kept as a draft and taken up again. */
export class YamlEdit {
  readonly #options: YamlEditOptions;
  readonly #base = ref('');
  readonly #draft = ref('');

  readonly mode = ref<EditMode>('read');
  readonly busy = ref<'check' | 'save'>();
  readonly answer = shallowRef<{ to: 'check' | 'save'; says: ServerAnswer }>();
  /** Fields that both changed, after the edits were moved to the newest content; undefined before that. */
  readonly bothChanged = shallowRef<string[]>();

  /** What editing began from. */
  readonly base = computed(() => this.#base.value);
  readonly text = computed({
    get: () => (this.mode.value === 'read' ? this.#options.live() : this.#draft.value),
    set: (text: string) => this.#type(text),
  });
  readonly dirty = computed(() => this.mode.value !== 'read' && this.#draft.value !== this.#base.value);
  /** The cluster has newer content than editing began from. */
  readonly outdated = computed(
    () => this.mode.value !== 'read' && revisionOf(this.#options.live()) !== revisionOf(this.#base.value),
  );
  readonly mistakes = computed(() =>
    this.mode.value === 'read' ? 0 : yamlProblems(this.#draft.value).filter(isError).length,
  );
  /** The causes of a refusal at their places in the text. */
  readonly problems = computed(() => causePlaces(this.#draft.value, this.answer.value?.says));

  constructor(options: YamlEditOptions) {
    this.#options = options;
    const kept = options.drafts.find(options.target);
    if (!kept) return;
    this.#base.value = kept.base;
    this.#draft.value = kept.text;
    this.mode.value = 'edit';
  }

  begin(): void {
    this.#restart(this.#options.live());
    this.#draft.value = this.#base.value;
    this.bothChanged.value = undefined;
    this.mode.value = 'edit';
  }

  cancel(): void {
    this.#options.drafts.drop(this.#options.target);
    this.answer.value = undefined;
    this.bothChanged.value = undefined;
    this.mode.value = 'read';
  }

  /** Asks the server without changing anything. */
  async check(): Promise<void> {
    await this.#send('check');
    if (this.answer.value?.says.kind !== 'accepted') this.mode.value = 'edit';
  }

  async save(): Promise<void> {
    await this.#send('save');
    const answer = this.answer.value;
    if (answer?.says.kind !== 'accepted') {
      this.mode.value = 'edit';
      return;
    }
    this.cancel();
    this.answer.value = answer;
  }

  /** Moves the edits over to the newest content; false when the own text cannot be read. */
  keepMine(): boolean {
    const latest = this.#options.live();
    const kept = keepEdits(this.#base.value, this.#draft.value, latest);
    if (!kept) return false;
    this.#restart(latest);
    this.#type(kept.yaml);
    this.bothChanged.value = kept.bothChanged;
    return true;
  }

  takeTheirs(): void {
    this.#options.drafts.drop(this.#options.target);
    this.begin();
  }

  #restart(base: string): void {
    this.#base.value = base;
    this.answer.value = undefined;
  }

  #type(text: string): void {
    if (this.mode.value !== 'edit' || text === this.#draft.value) return;
    const { drafts, target } = this.#options;
    this.#draft.value = text;
    this.answer.value = undefined;
    if (text === this.#base.value) drafts.drop(target);
    else drafts.keep(target, { base: this.#base.value, text });
  }

  async #send(to: 'check' | 'save'): Promise<void> {
    const { api, target, write } = this.#options;
    if (this.busy.value) return;
    this.busy.value = to;
    try {
      const yaml = this.#draft.value;
      const outcome = await api.objects.update({ ...target, yaml, dryRun: to === 'check', ...write() });
      this.answer.value = { to, says: answerOf(outcome) };
    } catch (failure) {
      this.answer.value = { to, says: answerOfFailure(failure) };
    } finally {
      this.busy.value = undefined;
    }
  }
}

function isError({ severity }: TextProblem): boolean {
  return severity === 'error';
}

/** The revision as it stands in the YAML, without reading all of it. */
function revisionOf(yaml: string): string | undefined {
  return /^ {2}resourceVersion: "?([^"\n]+)"?$/m.exec(yaml)?.[1];
}

function causePlaces(text: string, answer: ServerAnswer | undefined): TextProblem[] {
  if (answer?.kind !== 'invalid') return [];
  return answer.causes.map(({ field, message }) => ({
    ...(placeOf(text, field) ?? { from: 0, to: 1 }),
    message: field ? `${field}: ${message}` : message,
    severity: 'error',
  }));
}
