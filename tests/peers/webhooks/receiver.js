// A receiver of webhooks for the tests: verifies each delivery with the public Standard Webhooks library and appends
// one JSON line about it to a file. Arguments: the file, then how to behave: "ok", "flaky" (every fourth event is
// answered 500 when it comes first). Prints its port. The secret is read from the file `<log>.secret`, which may come later.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const { Webhook } = require('standardwebhooks');

const [log, behaviour] = process.argv.slice(2);
const seen = new Set();

function judge(headers, body) {
  const secrets = fs.existsSync(`${log}.secret`) ? fs.readFileSync(`${log}.secret`, 'utf8').split('\n').filter(Boolean) : [];
  for (const secret of secrets) {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      // another secret may fit
    }
  }
  return false;
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8');
    const id = request.headers['webhook-id'];
    const first = !seen.has(id);
    seen.add(id);
    const status = behaviour === 'flaky' && first && seen.size % 4 === 0 ? 500 : 200;
    const line = { id, verified: judge(request.headers, body), status, body: JSON.parse(body) };
    fs.appendFileSync(log, `${JSON.stringify(line)}\n`);
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end('seen');
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
