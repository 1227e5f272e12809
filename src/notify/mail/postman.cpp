// See postman.h.
#include "notify/mail/postman.h"

#include <algorithm>

#include "notify/mail/bounds.h"
#include "notify/mail/mail_context.h"
#include "notify/mail/mail_text.h"
#include "notify/topics/topic.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Result;
using base::Task;
using platform::Commit;
using platform::MailVerdict;

constexpr std::string_view kBounced = "mail.bounced";

bool has_ended(MailStatus status) { return status != MailStatus::waiting && status != MailStatus::dead; }

/// A bad mailbox or domain (RFC 3463 section 3.2): no mail will ever arrive there.
bool is_bad_address(int code, std::string_view words) { return code >= 500 && words.starts_with("5.1."); }

MailRecord new_mail(const Errand& errand, base::Instant now) {
  MailRecord mail;
  mail.id = mail_id(errand.event, recipient_of(errand));
  mail.event = errand.event;
  mail.event_type = errand.type;
  mail.template_name = template_of(errand);
  mail.order = errand.order;
  mail.refund = errand.refund;
  mail.topic = errand.topic;
  mail.subscription = errand.subscription;
  mail.created = now;
  return mail;
}

const RefundFacts* refund_in(const OrderFacts& order, const std::string& id) {
  const auto found = std::find_if(order.refunds.begin(), order.refunds.end(),
                                  [&](const RefundFacts& refund) { return refund.id == id; });
  return found == order.refunds.end() ? nullptr : &*found;
}

}  // namespace

/// A mail under way: its twins wait.
class Postman::Turn {
 public:
  Turn(std::set<std::string>& under_way, std::string id) : under_way_(under_way), id_(std::move(id)) {
    under_way_.insert(id_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { under_way_.erase(id_); }

 private:
  std::set<std::string>& under_way_;
  std::string id_;
};

std::string problem_of(const MailOptions& options) {
  if (!platform::is_mail_address(options.from_address)) return "mailFrom must be a mail address";
  const auto domain =
      options.domain.empty() ? options.from_address.substr(options.from_address.rfind('@') + 1) : options.domain;
  if (!platform::is_message_id("mail_0.0@" + domain)) return "mailDomain must be a host name";
  return "";
}

Postman::Postman(MailPorts ports, MailOptions options, Retailer retailer)
    : ports_(ports), options_(std::move(options)), retailer_(std::move(retailer)), templates_(ports.store) {
  OW_ASSERT(problem_of(options_).empty(), "the mail options were checked when they were read");
  if (options_.domain.empty()) options_.domain = options_.from_address.substr(options_.from_address.rfind('@') + 1);
}

platform::ConsumerSpec Postman::consumer() {
  platform::ConsumerSpec spec;
  spec.queue = "mail";
  spec.parallel_max = ports_.mailer.under_way_max();
  spec.together = true;
  spec.handle = [this](platform::Delivery delivery) { return deliver(std::move(delivery)); };
  spec.retry_delay = [](int receives) {
    return receives <= 1 ? base::Duration(bounds::kMailRetryFirst) : base::Duration(bounds::kMailRetrySecond);
  };
  return spec;
}

Task<Result<Commit>> Postman::deliver(platform::Delivery delivery) {
  auto message = read_mail_message(delivery.body);
  if (!message) co_return base::fail(message.error());
  if (const auto* resend = std::get_if<MailRef>(&*message)) {
    const auto mail = co_await find_mail(ports_.store, resend->id);
    if (!mail) co_return base::fail(mail.error());
    if (!*mail || (*mail)->round != resend->round) co_return Commit();
    co_return co_await carry(errand_of(**mail), delivery.receive_count);
  }
  auto* errand = std::get_if<Errand>(&*message);
  if (errand->type == kBounced) co_return co_await take_bounce(std::move(*errand));
  if (template_of(*errand).empty()) co_return Commit();
  co_return co_await carry(std::move(*errand), delivery.receive_count);
}

Task<bool> Postman::wait_for_twin(std::string id) {
  while (under_way_.contains(id)) {
    if (!co_await ports_.executor.sleep_until(ports_.clock.ticks() + bounds::kTwinWait)) co_return false;
  }
  co_return true;
}

Task<Result<Commit>> Postman::carry(Errand errand, int receives) {
  auto fresh = new_mail(errand, ports_.clock.now());
  if (!co_await wait_for_twin(fresh.id))
    co_return base::fail(ErrorCode::unavailable, "stopping", "The program stops while the mail is under way.");
  const Turn turn(under_way_, fresh.id);
  const auto known = co_await find_mail(ports_.store, fresh.id);
  if (!known) co_return base::fail(known.error());
  auto mail = *known ? **known : std::move(fresh);
  if (mail.round > errand.round || has_ended(mail.status)) co_return Commit();
  const auto address = co_await address_of(errand);
  if (!address) co_return base::fail(address.error());
  if (address->empty()) {
    if (!*known) co_return Commit();  // nobody to tell
    mail.status = MailStatus::refused;
    mail.words = "The address is no longer kept.";
    co_return put_mail(std::move(mail), ports_.clock.now());
  }
  const auto suppressed = co_await find_suppression(ports_.store, suppression_id(*address));
  if (!suppressed) co_return base::fail(suppressed.error());
  if (*suppressed) {
    mail.status = MailStatus::suppressed;
    mail.words = (*suppressed)->reason;
    co_return put_mail(std::move(mail), ports_.clock.now());
  }
  co_return co_await send(std::move(errand), std::move(mail), *address, receives);
}

Task<Result<std::string>> Postman::address_of(Errand errand) {
  if (errand.type != "notice") co_return co_await ports_.orders.email(base::OrderId(errand.order));
  const auto subscription = co_await find_subscription(ports_.store, errand.topic, errand.subscription);
  if (!subscription) co_return base::fail(subscription.error());
  co_return *subscription ? (*subscription)->target : std::string();
}

Task<Result<MailTemplate::Rendered>> Postman::write(Errand errand, std::string template_name) {
  const auto chosen = co_await templates_.active(std::move(template_name));
  if (!chosen) co_return base::fail(chosen.error());
  if (errand.type == "notice")
    co_return (*chosen)->render(notice_context(errand.topic, errand.subject, errand.message, retailer_));
  const auto order = co_await ports_.orders.find(base::OrderId(errand.order));
  if (!order) co_return base::fail(order.error());
  if (!*order) co_return base::fail(ErrorCode::not_found, "order_not_found", "There is no order " + errand.order + ".");
  co_return (*chosen)->render(order_context(**order, refund_in(**order, errand.refund), retailer_));
}

Task<Result<MailVerdict>> Postman::hand_over(Errand errand, MailRecord mail, std::string address) {
  const auto id = message_id(mail, options_.domain);
  if (const auto taken = accepted_.find(id); taken != accepted_.end()) co_return taken->second;
  auto words = co_await write(errand, mail.template_name);
  if (!words) co_return base::fail(words.error());
  MailParts parts{id, options_.from_name, options_.from_address, "", address, "", "", "", errand.time};
  parts.subject = std::move(words->subject);
  parts.text = std::move(words->text);
  parts.html = std::move(words->html);
  platform::OutgoingMail outgoing{id, options_.from_address, address, {}};
  if (platform::is_mail_address(address)) outgoing.bytes = compose_mail(parts);
  auto verdict = co_await ports_.mailer.send(std::move(outgoing));
  if (verdict && verdict->kind == MailVerdict::Kind::accepted) remember(id, *verdict);
  co_return verdict;
}

Task<Result<Commit>> Postman::send(Errand errand, MailRecord mail, std::string address, int receives) {
  const auto verdict = co_await hand_over(std::move(errand), mail, address);
  ++mail.attempts;
  if (verdict && verdict->kind != MailVerdict::Kind::postponed) co_return ended(std::move(mail), *verdict, address);
  if (!verdict && verdict.error().code == ErrorCode::malformed)
    co_return ended(std::move(mail), {MailVerdict::Kind::refused, 0, verdict.error().message}, address);
  mail.code = verdict ? verdict->code : 0;
  auto why = verdict ? base::Error{ErrorCode::unavailable, "mail_postponed", verdict->text} : verdict.error();
  co_return base::fail(co_await put_off(std::move(mail), std::move(why), receives));
}

Commit Postman::ended(MailRecord mail, const MailVerdict& verdict, const std::string& address) {
  const bool sent = verdict.kind == MailVerdict::Kind::accepted;
  mail.status = sent ? MailStatus::sent : MailStatus::refused;
  mail.code = verdict.code;
  mail.words = scrubbed(verdict.text);
  const auto now = ports_.clock.now();
  Commit commit;
  if (!sent && is_bad_address(verdict.code, verdict.text)) {
    commit = put_suppression({suppression_id(address), address_hint(address), mail.words, mail.id, now});
  }
  ports_.telemetry.counter("ow_mails_total", {{"outcome", std::string(status_text(mail.status))}}).add();
  commit.merge(put_mail(std::move(mail), now));
  return commit;
}

Task<base::Error> Postman::put_off(MailRecord mail, base::Error why, int receives) {
  mail.status = receives >= bounds::kMailReceivesMax ? MailStatus::dead : MailStatus::waiting;
  mail.words = scrubbed(why.message);
  ports_.telemetry.counter("ow_mails_total", {{"outcome", std::string(status_text(mail.status))}}).add();
  // For people to see; the message itself is given back whatever becomes of this.
  static_cast<void>(co_await ports_.store.commit(put_mail(std::move(mail), ports_.clock.now())));
  co_return why;
}

Task<Result<Commit>> Postman::take_bounce(Errand errand) {
  const auto kind = errand.detail.string_at("kind").value_or("");
  const auto ref = parse_message_id(errand.detail.string_at("messageId").value_or(""));
  if (!ref || (kind != "hard" && kind != "complaint")) co_return Commit();
  auto mail = co_await find_mail(ports_.store, ref->id);
  if (!mail) co_return base::fail(mail.error());
  if (!*mail || (*mail)->round != ref->round || (*mail)->status == MailStatus::bounced) co_return Commit();
  const auto words = scrubbed(errand.detail.string_at("reason").value_or(kind));
  auto back = errand_of(**mail);
  back.topic = (*mail)->topic;
  back.subscription = (*mail)->subscription;
  const auto address = co_await address_of(std::move(back));
  if (!address) co_return base::fail(address.error());
  (*mail)->status = MailStatus::bounced;
  (*mail)->words = words;
  const auto now = ports_.clock.now();
  auto commit = put_mail(**mail, now);
  if (address->empty()) co_return commit;
  const auto known = co_await find_suppression(ports_.store, suppression_id(*address));
  if (!known) co_return base::fail(known.error());
  if (!*known)
    commit.merge(put_suppression({suppression_id(*address), address_hint(*address), words, (*mail)->id, now}));
  co_return commit;
}

void Postman::remember(const std::string& message, const MailVerdict& verdict) {
  if (!accepted_.emplace(message, verdict).second) return;
  accepted_order_.push_back(message);
  if (accepted_order_.size() <= bounds::kAcceptedMemoryMax) return;
  accepted_.erase(accepted_order_.front());
  accepted_order_.pop_front();
}

}  // namespace ow::notify
