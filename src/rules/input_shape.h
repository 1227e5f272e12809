// What a target gets of an event instead of the event as it is: EventBridge's Input, InputPath and
// InputTransformer. Source: Amazon EventBridge user guide, "Amazon EventBridge input transformation".
// Immutable once made: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/event_rules.h"
#include "rules/rule.h"

namespace ow::rules {

inline constexpr std::size_t kInputPathsMax = 100;            // as EventBridge
inline constexpr std::size_t kInputTemplateBytesMax = 8'192;  // as EventBridge

/// The shape of a target's messages; nothing when it takes the event as it is. Error unprocessable, whose message
/// opens with the member at fault ("inputTransformer.inputTemplate: <total> is not in inputPathsMap").
///
/// A path names one place of the event's EventBridge form: `$`, `$.detail.total`, `$.detail.lines[0].sku`,
/// `$['detail-type']`. In a template `<name>` stands for the value at its path: outside of quotes as JSON (null
/// when it is absent), within quotes as text (nothing when absent). `<aws.events.rule-name>`,
/// `<aws.events.event.json>`, `<aws.events.event>` (without detail) and `<aws.events.event.ingestion-time>` are
/// known; `\<` is a plain `<`. The template with its values must be JSON.
base::Result<std::shared_ptr<const platform::MessageShape>> make_shape(const Target& target, std::string_view rule);

}  // namespace ow::rules
