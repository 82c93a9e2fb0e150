/** Loaded into every measured process with --import: answers its CPU time and peak memory over the IPC channel. */
const sampleMs = 50;

export type Metered = {
  readonly is: 'metered';
  /** Since the process started. */
  readonly cpuMs: number;
  /** Now, and the most since the last question. */
  readonly rssMb: number;
  readonly peakRssMb: number;
  /** What is in use of the heap; without garbage where the process was started with --expose-gc. */
  readonly heapMb: number;
};

const rss = (): number => process.memoryUsage.rss() / 1024 / 1024;

let peak = rss();
setInterval(() => {
  peak = Math.max(peak, rss());
}, sampleMs).unref();

process.on('message', (message) => {
  if (message !== 'meter') return;
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  const now = rss();
  const metered: Metered = {
    is: 'metered',
    cpuMs: (user + system) / 1000,
    rssMb: now,
    peakRssMb: Math.max(peak, now),
    heapMb: process.memoryUsage().heapUsed / 1024 / 1024,
  };
  peak = now;
  process.send?.(metered);
});
// the channel alone must not keep a process from ending, nor outlive its parent
process.channel?.unref();
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
