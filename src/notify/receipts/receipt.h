// Receipts and credit notes: what an order's completion or refund froze, under a number of a gapless series. Only the
// PDF's hash is added later, once. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "notify/order_source.h"
#include "platform/store.h"
#include "platform/typesetter.h"

namespace ow::notify {

struct Receipt {
  std::string part;    // "receipt", or the refund's id: a credit note
  std::string series;  // "R"
  std::uint64_t number = 0;
  std::uint64_t credits = 0;  // a credit note: the number of its receipt
  base::OrderId order;
  base::UserId customer;
  base::Instant ordered;
  base::Instant issued;
  std::vector<OrderLineFacts> lines;
  base::Money total;
  Retailer retailer;   // as it was then
  std::string sha256;  // of the PDF, in hex; empty: not made yet
  platform::Version version = 0;

  bool is_credit_note() const { return part != kReceiptPart; }
  static constexpr std::string_view kReceiptPart = "receipt";
};

/// "R-00000012".
std::string number_text(const std::string& series, std::uint64_t number);
/// The tax contained in the total, rounded half up; nothing when none is named.
std::optional<base::Money> contained_tax(const Receipt& receipt);

/// What a completed order's receipt says, and what a refund's credit note does. Without number and version.
Receipt receipt_of(const OrderFacts& order, const Retailer& retailer, base::Instant now);
Receipt credit_note_of(const OrderFacts& order, const RefundFacts& refund, const Retailer& retailer, base::Instant now);

/// The document of the PDF: the same for ever.
platform::Document document_of(const Receipt& receipt);
/// Where the PDF is kept, by its hash.
std::string blob_name(const Receipt& receipt);

platform::Key receipt_key(const base::OrderId& order, const std::string& part);
/// Conditioned on the version it was read at; a new one on absence.
platform::Commit put_receipt(const Receipt& receipt);
base::Result<Receipt> receipt_from(const platform::Record& record);
base::Task<base::Result<std::optional<Receipt>>> find_receipt(platform::Store& store, base::OrderId order,
                                                              std::string part);

struct ReceiptPage {
  std::vector<Receipt> receipts;
  std::string next_cursor;
};
/// By number, newest first.
base::Task<base::Result<ReceiptPage>> list_receipts(platform::Store& store, std::string series, std::size_t limit,
                                                    std::string cursor);

/// The last number given out.
struct Series {
  std::string name;
  std::uint64_t last = 0;
  platform::Version version = 0;
};
/// The series that numbers are given out of: as configured, and after a restore of the store with its time behind
/// ("R.20270131T235959"). Receipts that the undone life issued may be in customers' hands, so their numbers are never
/// given out again, also not by another restore of the same snapshot.
base::Task<base::Result<std::string>> series_in_force(platform::Store& store, std::string configured);
/// Parts of a restore's commit: from then on every series begins anew under its next name.
base::Task<base::Result<platform::Commit>> begin_receipt_life(platform::Store& store, base::Instant restored);
base::Task<base::Result<Series>> find_series(platform::Store& store, std::string name);
platform::Commit put_series(const Series& series);

}  // namespace ow::notify
