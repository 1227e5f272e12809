// Obligations: what is owed because a compensation could not be done: money that the gateway could not be asked
// for or did not give, or units of something. An obligation is a record beside the execution that polls it; an
// operator can make it retry at once or waive it with a reason. It is never dropped and never erased; what is
// owed, settled and waived of each day is counted in the same commits. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::payments {

/// Units of something that is not money.
struct OwedUnits {
  std::int64_t count = 0;
  std::string of;  // "mug"
};

/// Who owes what a customer is to get.
inline constexpr std::string_view kRetailer = "retailer";

struct Obligation {
  enum class Purpose : std::uint8_t {
    settle_charge,  // a charge may have been made: void it, and refund it if it was
    refund,         // a charge was made and its refund is not confirmed
  };
  enum class Status : std::uint8_t { open, settled, waived };

  base::ObligationId id;
  base::OrderId order;
  Purpose purpose = Purpose::refund;
  Status status = Status::open;
  base::Money amount;  // unless `units` is set
  std::optional<OwedUnits> units;
  std::string debtor = std::string(kRetailer);
  base::UserId owed_to;  // the creditor
  base::Instant since;
  std::string cause;
  base::ExecutionId execution;  // polls it
  std::string closed_by = {};   // operator who waived it
  std::string closed_reason = {};
  bool counted = true;   // in the totals of its day
  bool overdue = false;  // its age was reported
  platform::Version version = 0;
};

/// One obligation an execution: the id is the execution's with another prefix.
base::ObligationId obligation_id(const base::ExecutionId& execution);

platform::Commit open_obligation(const Obligation& obligation);
/// Puts it as overdue; conditioned on the record as it was read.
platform::Commit mark_overdue(Obligation obligation);
/// Puts it with a new status; conditioned on the record as it was read.
platform::Commit close_obligation(Obligation obligation, Obligation::Status status, std::string by, std::string reason);

base::Task<base::Result<std::optional<Obligation>>> find_obligation(platform::Store& store, base::ObligationId id);

struct ObligationPage {
  std::vector<Obligation> obligations;
  std::string next_cursor;
};
/// Newest first.
base::Task<base::Result<ObligationPage>> list_obligations(platform::Store& store, Obligation::Status status,
                                                          std::size_t limit, std::string cursor);

std::string_view status_text(Obligation::Status status);
std::optional<Obligation::Status> parse_status(std::string_view text);

/// As operators see it.
base::Json obligation_json(const Obligation& obligation, base::Instant now);

/// What became owed on one day (UTC): how many obligations, and how much of each currency or unit, by where it
/// stands now.
struct ObligationDay {
  std::string day;  // "2026-11-21"
  struct Total {
    Obligation::Status status = Obligation::Status::open;
    std::string of;  // a currency, or "units:<what>"; empty: the number of obligations
    std::int64_t sum = 0;
  };
  std::vector<Total> totals;
};
/// The `days` days up to today, newest first; days on which nothing became owed are left out.
base::Task<base::Result<std::vector<ObligationDay>>> obligation_days(platform::Store& store, base::Instant now,
                                                                     int days);
base::Json obligation_day_json(const ObligationDay& day);

}  // namespace ow::payments
