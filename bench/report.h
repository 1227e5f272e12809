// The figures of one run as a table for people and JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ow::bench {

class Report {
 public:
  /// `aim` is text, empty when there is none.
  void add(std::string name, double value, std::string unit, std::string aim = {});
  void note(std::string text) { notes_.push_back(std::move(text)); }
  void print() const;
  /// print(), and json() into the file.
  void finish(const std::string& file) const;
  base::Json json() const;

 private:
  struct Figure {
    std::string name;
    double value;
    std::string unit;
    std::string aim;
  };
  std::vector<Figure> figures_;
  std::vector<std::string> notes_;
};

}  // namespace ow::bench
