/** The machine that every simulated node is, as its kernel tells. */
export const MACHINE = {
  cpus: 8,
  kernel: '6.12.48',
  build: '#1 SMP PREEMPT_DYNAMIC Thu Sep 25 08:00:00 UTC 2025',
  /** Kibibytes; the total is that of the Node's capacity. */
  memoryKi: { total: 16_777_216, free: 10_687_216, available: 14_417_920, cached: 3_976_312 },
} as const;
