/** Work for the screen, spread over frames, so that the pointer, the clock and the reader never wait for all of it. */

export interface Turns {
  /** Runs the job in this frame or one of the next; who comes first goes first. Settles as the job does. */
  run(job: () => void): Promise<void>;
}

interface Pace {
  /** Milliseconds of a frame that may be used. One job runs in each frame however long it takes. */
  readonly budgetMs: number;
  readonly now: () => number;
  /** Calls back when a new frame begins. */
  readonly frame: (begin: () => void) => void;
}

export function createTurns({ budgetMs, now, frame }: Pace): Turns {
  const waiting: (() => void)[] = [];
  let isAsked = false;
  const ask = () => {
    if (isAsked || waiting.length === 0) return;
    isAsked = true;
    frame(work);
  };
  const work = () => {
    isAsked = false;
    const until = now() + budgetMs;
    do waiting.shift()?.();
    while (waiting.length > 0 && now() < until);
    ask();
  };
  return {
    run: job =>
      new Promise((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(job());
          } catch (error) {
            reject(error);
          }
        });
        ask();
      }),
  };
}

/** A page that is not seen has no frames: there, work goes on four times a second. */
function nextFrame(begin: () => void): void {
  let hasBegun = false;
  const once = () => {
    if (hasBegun) return;
    hasBegun = true;
    begin();
  };
  requestAnimationFrame(once);
  setTimeout(once, 250);
}

/** A frame has 16.7 ms; styles, layout and painting of what was drawn take their share of it. */
export const screenTurns = createTurns({ budgetMs: 5, now: () => performance.now(), frame: nextFrame });

/** Words that follow the pointer away from it: two or three charts in a frame, one after the other. */
export const asideTurns = createTurns({ budgetMs: 0.3, now: () => performance.now(), frame: nextFrame });
