/** What to do about a local cloud that did not start, or cannot keep its data any more, in one line. */
export function startFailure(
  error: unknown,
  options: { readonly port: number; readonly mqttPort: number; readonly data: string | undefined },
): string {
  const { code, cause, port, message } = error as NodeJS.ErrnoException & { port?: number; cause?: { code?: string } };
  switch (code) {
    case 'EADDRINUSE': {
      const flag = port === options.mqttPort ? '--mqtt-port' : '--port';
      return `port ${port} is in use; stop what listens there, or choose another with ${flag} N (0 takes a free one)`;
    }
    case 'EADDRNOTAVAIL':
      return `${(error as { address?: string }).address} is no address of this machine; choose another with --lan ADDRESS`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      if (port !== undefined) return `port ${port} is not allowed for this user; choose one above 1023`;
      return `the data folder ${options.data} cannot be written (${code}); choose another with --data DIR`;
    case 'LEVEL_DATABASE_NOT_OPEN':
      return cause?.code === 'LEVEL_LOCKED'
        ? `the data folder ${options.data} is in use by another local cloud; stop that one, or choose another with --data DIR`
        : `the data folder ${options.data} cannot be opened; choose another with --data DIR`;
    case 'LEVEL_IO_ERROR': {
      const kept = 'what it has not written yet is lost';
      return `the data folder ${options.data} takes no more (${message}), and ${kept}; make room, or choose another with --data DIR`;
    }
    default:
      return message;
  }
}
