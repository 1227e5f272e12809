// See report.h.
#include "bench/report.h"

#include <fmt/format.h>

#include <fstream>

namespace ow::bench {

void Report::add(std::string name, double value, std::string unit, std::string aim) {
  fmt::print("  {:<52} {:>12.2f} {:<8} {}\n", name, value, unit, aim.empty() ? "" : "aim " + aim);
  std::fflush(stdout);
  figures_.push_back({std::move(name), value, std::move(unit), std::move(aim)});
}

void Report::print() const {
  fmt::print("\n  {:<52} {:>12} {:<8} {}\n", "FIGURE", "VALUE", "UNIT", "AIM");
  for (const auto& one : figures_) fmt::print("  {:<52} {:>12.2f} {:<8} {}\n", one.name, one.value, one.unit, one.aim);
  for (const auto& text : notes_) fmt::print("  note: {}\n", text);
}

void Report::finish(const std::string& file) const {
  print();
  std::ofstream(file) << base::to_pretty_text(json()) << '\n';
}

base::Json Report::json() const {
  auto figures = base::Json::array();
  for (const auto& one : figures_) {
    figures.push_back(
        base::Json::object({{"name", one.name}, {"value", one.value}, {"unit", one.unit}, {"aim", one.aim}}));
  }
  auto notes = base::Json::array();
  for (const auto& text : notes_) notes.push_back(text);
  return base::Json::object({{"figures", figures}, {"notes", notes}});
}

}  // namespace ow::bench
