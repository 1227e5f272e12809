// What the messages on the queue `mail` say: the EventBridge form of an event, `{"resend": id, "round": n}`, or
// `{"notice": {id, topic, subscription, subject, message, time}}`. See postman.h.
#include "notify/mail/errand.h"

#include <fmt/format.h>

#include "base/json.h"

namespace ow::notify {
namespace {

using base::Json;

tl::unexpected<base::Error> unreadable() {
  return base::fail(base::ErrorCode::malformed, "bad_mail_message", "A message on the queue mail cannot be read.");
}

base::Result<Errand> notice_errand(const Json& notice) {
  Errand errand;
  errand.event = notice.text_at("id");
  errand.type = "notice";
  errand.topic = notice.text_at("topic");
  errand.subscription = notice.text_at("subscription");
  errand.subject = notice.text_at("subject");
  errand.message = notice.text_at("message");
  const auto time = base::parse_rfc3339(notice.text_at("time"));
  if (!time || errand.event.empty() || errand.subscription.empty()) return unreadable();
  errand.time = *time;
  return errand;
}

base::Result<Errand> event_errand(Json json) {
  Errand errand;
  errand.event = json.text_at("id");
  errand.type = json.text_at("detail-type");
  const auto time = base::parse_rfc3339(json.text_at("time"));
  Json* detail = json.find("detail");
  if (!time || detail == nullptr || errand.event.empty() || errand.type.empty()) return unreadable();
  errand.time = *time;
  errand.order = detail->text_at("orderId");
  errand.refund = detail->text_at("refundId");
  errand.detail = std::move(*detail);
  return errand;
}

}  // namespace

base::Result<std::variant<Errand, MailRef>> read_mail_message(const std::string& body) {
  auto json = base::parse_json(body);
  if (!json) return unreadable();
  if (const auto resend = json->string_at("resend"))
    return MailRef{std::string(*resend), static_cast<int>(json->integer_at("round").value_or(0))};
  const Json* notice = json->find("notice");
  auto errand = notice != nullptr ? notice_errand(*notice) : event_errand(std::move(*json));
  if (!errand) return base::fail(std::move(errand.error()));
  return std::move(*errand);
}

Errand errand_of(const MailRecord& mail) {
  Errand errand;
  errand.event = mail.event;
  errand.type = mail.event_type;
  errand.order = mail.order;
  errand.refund = mail.refund;
  errand.round = mail.round;
  errand.time = mail.updated;
  return errand;
}

std::string template_of(const Errand& errand) {
  if (errand.type == "payment.refunded") return errand.refund.empty() ? "" : "order.refunded";
  return is_template_name(errand.type) ? errand.type : "";
}

std::string recipient_of(const Errand& errand) {
  return errand.type == "notice" ? errand.topic + "/" + errand.subscription : "customer";
}

platform::OutMessage resend_message(const MailRecord& mail) {
  platform::OutMessage message;
  message.queue = "mail";
  message.id = base::MessageId(fmt::format("{}.{}", mail.id, mail.round));
  message.group = mail.order;
  message.body = base::to_text(Json::object({{"resend", mail.id}, {"round", mail.round}}));
  return message;
}

platform::OutMessage notice_message(const Errand& errand) {
  platform::OutMessage message;
  message.queue = "mail";
  message.id = base::MessageId(mail_id(errand.event, recipient_of(errand)));
  message.group = errand.topic;
  message.body = base::to_text(Json::object({{"notice", Json::object({{"id", errand.event},
                                                                      {"topic", errand.topic},
                                                                      {"subscription", errand.subscription},
                                                                      {"subject", errand.subject},
                                                                      {"message", errand.message},
                                                                      {"time", base::to_rfc3339(errand.time)}})}}));
  return message;
}

}  // namespace ow::notify
