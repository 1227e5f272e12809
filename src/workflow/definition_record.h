// The records of definitions and their routing; see definition_book.h. Any thread.
#pragma once

#include "workflow/definition_book.h"

namespace ow::workflow {

inline constexpr std::string_view kDefinitionIndex = "definitions";
inline constexpr std::string_view kAllDefinitions = "all";

platform::Key version_key(std::string_view name, std::int64_t number);
platform::Record version_record(std::string_view name, const DefinitionVersion& version);
platform::Record routing_record(const Routing& routing);
/// Error internal when the record is none.
base::Result<DefinitionVersion> version_from(const platform::Record& record);
base::Result<Routing> routing_from(const platform::Record& record);

}  // namespace ow::workflow
