const RETRY_MS = 5_000;

/** Brings something to where it is kept: one save at a time, the last state wins, and what fails is tried again. */
export class Keeper {
  private saving: Promise<void> | undefined;
  private isDirty = false;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  /** `save` takes the state as it is when it is called. */
  constructor(
    private readonly save: () => Promise<unknown>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  keep(): void {
    this.isDirty = true;
    if (this.stopped) return;
    clearTimeout(this.retry);
    this.saving ??= this.untilClean().finally(() => (this.saving = undefined));
  }

  /** Resolves when nothing is being saved any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.saving;
  }

  private async untilClean(): Promise<void> {
    while (this.isDirty) {
      this.isDirty = false;
      try {
        await this.save();
      } catch (error) {
        this.onFailure(error);
        this.isDirty = true;
        if (!this.stopped) this.retry = setTimeout(() => this.keep(), RETRY_MS);
        return;
      }
    }
  }
}
