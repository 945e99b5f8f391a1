#!/usr/bin/env node
// In the syntax of old versions, so that they can say what is wrong. Shipped as dist/slipway.js.
if (parseInt(process.versions.node, 10) < 24) {
  console.error('slipway needs Node 24 or newer; this is Node ' + process.versions.node + '.');
  process.exit(3);
}
import('./main.js').catch(function (error) {
  console.error(error);
  process.exit(3);
});
