/**
 * Sends SIGTERM to this process when the one that started it is gone.
 *
 * npm starts scripts through a shell. Where that doesn't give way to its one command (dash doesn't), npm's
 * SIGTERM ends the shell alone, and what it started would go on without anybody.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  timer.unref();
}
