// Obligations: money that is owed because the gateway could not be asked or did not obey. An obligation is a
// record beside the execution that polls it; an operator can make it retry at once or waive it with a reason.
// It is never dropped and never erased. Loop thread.
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
  base::Money amount;
  base::UserId owed_to;
  base::Instant since;
  std::string cause;
  base::ExecutionId execution;  // polls it
  std::string closed_by = {};   // operator who waived it
  std::string closed_reason = {};
  platform::Version version = 0;
};

/// One obligation an execution: the id is the execution's with another prefix.
base::ObligationId obligation_id(const base::ExecutionId& execution);

platform::Commit open_obligation(const Obligation& obligation);
/// Puts it with a new status; conditioned on the record as it was read.
platform::Commit close_obligation(Obligation obligation, Obligation::Status status, std::string by,
                                  std::string reason);

base::Task<base::Result<std::optional<Obligation>>> find_obligation(platform::Store& store,
                                                                    base::ObligationId id);

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
base::Json obligation_json(const Obligation& obligation);

}  // namespace ow::payments
