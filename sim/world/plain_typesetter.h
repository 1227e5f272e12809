// Typesetter of the simulated world: the document's words as they are, in what calls itself a PDF. One thread.
#pragma once

#include <algorithm>
#include <string>

#include "platform/executor.h"
#include "platform/typesetter.h"

namespace ow::sim {

class PlainTypesetter final : public platform::Typesetter {
 public:
  /// The executor outlives this; setting is one scheduled step of its lane.
  explicit PlainTypesetter(platform::Executor& executor) : executor_(executor) {}

  base::Task<base::Result<std::string>> pdf(platform::Document document) override {
    const auto columns = document.columns.size();
    const bool even = std::all_of(document.rows.begin(), document.rows.end(),
                                  [columns](const auto& row) { return row.size() == columns; });
    if (!even || columns == 0) co_return base::fail(base::ErrorCode::malformed, "bad_document", "A row is uneven.");
    co_await platform::offload(executor_, platform::Lane::render, [] {});
    co_return words(document);
  }

 private:
  static std::string words(const platform::Document& document) {
    std::string text = "%PDF-1.5\n% plain\n" + document.title + "\n";
    for (const auto& line : document.sender) text += line + "\n";
    for (const auto& [label, value] : document.facts) text += label + ": " + value + "\n";
    for (const auto& row : document.rows) {
      for (const auto& cell : row) text += cell + "\t";
      text += "\n";
    }
    for (const auto& [label, value] : document.totals) text += label + ": " + value + "\n";
    for (const auto& note : document.notes) text += note + "\n";
    return text + base::to_rfc3339(document.made) + "\n%%EOF\n";
  }

  platform::Executor& executor_;
};

}  // namespace ow::sim
