// The SMTP server of the mail tests: a real one, whose behaviour at each step of a dialogue a test scripts.
//
//   node server.js '{"starttls":true,"auth":{"user":"u","password":"p"},"rules":[{"at":"rcpt","match":"full@",
//                    "code":452,"text":"4.2.2 mailbox full"}]}'
//
// It listens on 127.0.0.1 on any free port and writes JSON lines: {"port":…,"ca":"…pem file…"} first, then one for each
// mail that it took: {"from":…,"to":…,"secure":…,"user":…,"raw":…}. A rule's `at` is connect, ehlo, starttls, auth, mail,
// rcpt, data (instead of the 354) or end (after the final dot); `match` is a part of the address at mail, rcpt and
// end; code 0 never answers; "times" bounds how often it applies; "accept": true takes the mail and then does what
// the rule says. "folder" is where the certificate goes.
"use strict";
const { SMTPServer } = require("smtp-server");
const { SMTPConnection } = require("smtp-server/lib/smtp-connection");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");

const plan = JSON.parse(process.argv[2] || "{}");
const rules = plan.rules || [];
const say = (object) => fs.writeSync(1, JSON.stringify(object) + "\n");

function fault(at, text) {
  const rule = rules.find((r) => r.at === at && (r.times === undefined || r.times > 0) && (text || "").includes(r.match || ""));
  if (rule && rule.times !== undefined) rule.times -= 1;
  return rule;
}

function answer(rule, callback) {
  if (!rule) return callback();
  if (rule.code === 0) return undefined;
  const error = new Error(rule.text || "scripted");
  error.responseCode = rule.code;
  return callback(error);
}

function certificate() {
  const [key, cert] = [path.join(plan.folder, "key.pem"), path.join(plan.folder, "cert.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: fs.readFileSync(key), cert: fs.readFileSync(cert), file: cert };
}

// The steps for which smtp-server has no hook.
for (const [at, name] of [["ehlo", "handler_EHLO"], ["starttls", "handler_STARTTLS"], ["data", "handler_DATA"]]) {
  const usual = SMTPConnection.prototype[name];
  SMTPConnection.prototype[name] = function step(command, callback) {
    const rule = fault(at, "");
    if (!rule) return usual.call(this, command, callback);
    if (rule.code !== 0) this.send(rule.code, rule.text || "scripted");
    return rule.code === 0 ? undefined : callback();
  };
}

const tls = plan.starttls || plan.tls ? certificate() : null;
const server = new SMTPServer({
  secure: Boolean(plan.tls),
  key: tls ? tls.key : undefined,
  cert: tls ? tls.cert : undefined,
  disabledCommands: [...(plan.starttls ? [] : ["STARTTLS"]), ...(plan.auth ? [] : ["AUTH"])],
  authOptional: !plan.auth,
  allowInsecureAuth: true,
  disableReverseLookup: true,
  closeTimeout: 100,
  onAuth(auth, session, callback) {
    const rule = fault("auth", "");
    if (rule) return answer(rule, callback);
    const good = auth.username === plan.auth.user && auth.password === plan.auth.password;
    return callback(good ? null : new Error("5.7.8 wrong password"), good ? { user: auth.username } : undefined);
  },
  onConnect: (session, callback) => answer(fault("connect", ""), callback),
  onMailFrom: (address, session, callback) => answer(fault("mail", address.address), callback),
  onRcptTo: (address, session, callback) => answer(fault("rcpt", address.address), callback),
  onData(stream, session, callback) {
    const chunks = [];
    const to = session.envelope.rcptTo.map((r) => r.address);
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      const rule = fault("end", to.join(","));
      if (!rule || rule.accept) {
        say({ from: session.envelope.mailFrom.address, to, secure: session.secure, user: session.user || "",
          raw: Buffer.concat(chunks).toString("utf8") });
      }
      if (rule) return answer(rule, callback);
      return callback(null, "2.0.0 taken");
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port, ca: tls ? tls.file : "" }));
