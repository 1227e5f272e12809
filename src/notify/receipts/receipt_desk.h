// The routes of receipts: the link for whom it belongs to, the PDF for whoever has the link, the list for operators. The
// PDF is made when it is first asked for, kept by its hash, and never changes. Loop thread.
#pragma once

#include "http/router.h"
#include "notify/order_source.h"
#include "notify/receipts/receipt_link.h"
#include "platform/blobs.h"
#include "platform/clock.h"
#include "platform/store.h"
#include "platform/typesetter.h"

namespace ow::notify {

struct ReceiptDesk {
  platform::Store& store;
  const platform::Clock& clock;
  platform::Blobs& blobs;
  platform::Typesetter& typesetter;
  OrderSource& orders;
  const ReceiptLinks& links;
  std::string series;
};

/// The desk is copied into the handlers.
http::Routes receipt_routes(const ReceiptDesk& desk);

}  // namespace ow::notify
