// See office.h.
#include "notify/office.h"

#include <iterator>

namespace ow::notify {

Office::Office(OfficePorts ports, OfficeOptions options)
    : ports_(ports),
      options_(std::move(options)),
      links_(options_.public_url, ""),
      postman_({ports.consumer.store, ports.consumer.executor, ports.consumer.clock, ports.mailer, ports.orders,
                ports.consumer.telemetry},
               options_.mail, options_.retailer),
      receipts_(ports.consumer, ports.orders, {options_.receipt_series, options_.retailer, options_.busy}),
      topics_(ports.consumer, ports.queue_admin) {}

http::Routes Office::routes() {
  auto& store = ports_.consumer.store;
  const auto& clock = ports_.consumer.clock;
  const MailDesk mail{store, clock, ports_.mailer, ports_.orders, options_.retailer, postman_.domain()};
  auto all = mail_routes(mail);
  for (auto more :
       {template_routes(mail),
        receipt_routes({store, clock, ports_.blobs, ports_.typesetter, ports_.orders, links_, options_.receipt_series}),
        topic_routes({store, ports_.queue_admin, clock, ports_.ids})})
    std::move(more.begin(), more.end(), std::back_inserter(all));
  for (auto& route : all) {
    if (route.access == http::Access::open) continue;
    route.scope = route.method == "GET" ? "notifications:read" : "notifications:write";
  }
  return all;
}

TracePorts Office::traces() { return {ports_.consumer.store, ports_.mailer, postman_.domain()}; }

base::Task<base::Result<void>> Office::start() {
  auto key = ReceiptLinks::load_key(ports_.secrets, ports_.consumer.random);
  if (!key) co_return base::fail(key.error());
  links_ = ReceiptLinks(options_.public_url, std::move(*key));
  auto prepared =
      co_await prepare_topics({ports_.consumer.store, ports_.queue_admin, ports_.consumer.clock, ports_.ids});
  if (!prepared) co_return prepared;
  ports_.fan_out.hear(Audience::mail, mail_events());
  ports_.fan_out.hear(Audience::receipts, receipt_events());
  ports_.fan_out.hear(Audience::topics, topic_events());
  co_return base::Result<void>();
}

void Office::work(std::function<base::Task<std::size_t>(std::size_t)> admits) {
  auto& executor = ports_.consumer.executor;
  for (auto spec : {postman_.consumer(), topics_.consumer()}) {
    spec.admits = admits;
    executor.spawn(platform::run_consumer(ports_.consumer, std::move(spec)));
  }
  executor.spawn(receipts_.run(admits));
  executor.spawn(topics_.watch());
}

}  // namespace ow::notify
