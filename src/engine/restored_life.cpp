// See restored_life.h.
#include "engine/restored_life.h"

#include <algorithm>
#include <utility>

#include "engine/bytes.h"
#include "engine/recovery.h"
#include "engine/stored.h"

namespace ow::engine {

using base::fail;
using base::Result;

namespace {

std::string encode(const std::vector<RestoredLife>& lives) {
  std::string out;
  for (const auto& life : lives) {
    put_number(out, life.lost_from);
    put_number(out, life.begins);
    put_signed(out, life.at.us);
  }
  return out;
}

std::optional<std::vector<RestoredLife>> decode(std::string_view value) {
  ByteReader in(value);
  std::vector<RestoredLife> lives;
  while (!in.at_end() && in.ok()) {
    RestoredLife life;
    life.lost_from = in.number();
    life.begins = in.number();
    life.at.us = in.signed_number();
    lives.push_back(life);
  }
  if (!in.ok()) return std::nullopt;
  return lives;
}

/// The number behind the last event of the log.
Result<Sequence> behind_last_event(const platform::KeyValue& key_value) {
  Sequence behind = 1;
  const auto scanned =
      key_value.view()->scan(layout::starting_with(std::string(1, layout::kLog)), platform::ScanOrder::descending,
                             [&](std::string_view key, std::string_view) {
                               behind = layout::log_key_sequence(key) + 1;
                               return false;
                             });
  if (!scanned) return fail(scanned.error());
  return behind;
}

}  // namespace

Result<std::vector<RestoredLife>> restored_lives(const platform::KeyValue& key_value) {
  const auto stored = key_value.get({layout::restores_key()});
  if (!stored) return fail(stored.error());
  if (!stored->front()) return std::vector<RestoredLife>();
  auto lives = decode(*stored->front());
  if (!lives) return fail(damaged(layout::restores_key()));
  return std::move(*lives);
}

Result<RestoredLife> begin_restored_life(platform::KeyValue& key_value, base::Instant now) {
  const auto recovered = recover(key_value);
  if (!recovered) return fail(recovered.error());
  auto lives = restored_lives(key_value);
  if (!lives) return fail(lives.error());
  const auto behind = behind_last_event(key_value);
  if (!behind) return fail(behind.error());
  RestoredLife life;
  life.lost_from = *behind;
  life.begins = std::max(recovered->state.reserved, now.us < 0 ? 0 : static_cast<Sequence>(now.us));
  life.at = now;
  lives->push_back(life);
  const auto appended = key_value.append(
      {{layout::restores_key(), encode(*lives)}, {layout::sequence_key(), encode_sequence(life.begins)}});
  if (!appended) return fail(appended.error());
  if (auto synced = key_value.sync(*appended); !synced) return fail(synced.error());
  return life;
}

const RestoredLife* undone_by(const std::vector<RestoredLife>& lives, Sequence sequence) {
  const auto holds = [&](const RestoredLife& life) { return sequence >= life.lost_from && sequence < life.begins; };
  const auto found = std::ranges::find_if(lives, holds);
  return found == lives.end() ? nullptr : &*found;
}

}  // namespace ow::engine
