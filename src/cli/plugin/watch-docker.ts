import { connect } from 'node:net';

/**
 * Docker passes a signal that it was sent on by closing the socket that it names to its plugins (a terminal sends its own
 * to both). Source: docker/cli v28.2.2, cli-plugins/socket/socket.go
 */
export function watchDocker(env: Readonly<Record<string, string | undefined>>, onGone: () => void): void {
  const name = env['DOCKER_CLI_PLUGIN_SOCKET'];
  if (name === undefined || name === '') return;
  let isConnected = false;
  const socket = connect({ path: name.startsWith('@') ? `\0${name.slice(1)}` : name });
  socket.unref();
  socket.on('connect', () => {
    isConnected = true;
  });
  // An older docker has no socket, and a newer one another kind: then signals come as they always did.
  socket.on('error', () => {});
  socket.on('close', () => {
    if (isConnected) onGone();
  });
  socket.resume();
}
