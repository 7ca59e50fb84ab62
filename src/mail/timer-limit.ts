// Timers count in 32 bits, 24.8 days: Node has what is set to more ring at once.

export const timerMaxMs = 2_147_483_647;
