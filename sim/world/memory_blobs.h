// Blobs that survive a simulated crash, as a disk does. One thread.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "platform/blobs.h"

namespace ow::sim {

class MemoryBlobs final : public platform::Blobs {
 public:
  base::Task<base::Result<void>> put(std::string name, std::string bytes) override {
    if (!platform::is_blob_name(name)) co_return bad_name();
    const auto [at, fresh] = blobs_.try_emplace(name, bytes);
    if (fresh || at->second == bytes) co_return base::Result<void>();
    co_return base::fail(base::ErrorCode::conflict, "blob_exists", "The blob has other bytes already.");
  }

  base::Task<base::Result<std::optional<std::string>>> get(std::string name, platform::ByteRange range) override {
    if (!platform::is_blob_name(name)) co_return bad_name();
    const auto found = blobs_.find(name);
    if (found == blobs_.end()) co_return std::optional<std::string>();
    const auto from = std::min<std::uint64_t>(range.from, found->second.size());
    co_return std::optional(found->second.substr(from, range.length));
  }

  base::Task<base::Result<std::optional<std::uint64_t>>> size(std::string name) override {
    if (!platform::is_blob_name(name)) co_return bad_name();
    const auto found = blobs_.find(name);
    if (found == blobs_.end()) co_return std::optional<std::uint64_t>();
    co_return std::optional<std::uint64_t>(found->second.size());
  }

  base::Task<base::Result<platform::BlobPage>> list(std::string prefix, std::string after, std::size_t limit) override {
    platform::BlobPage page;
    for (auto at = blobs_.upper_bound(after); at != blobs_.end(); ++at) {
      if (!at->first.starts_with(prefix)) continue;
      page.more = page.names.size() == limit;
      if (page.more) break;
      page.names.push_back(at->first);
    }
    co_return page;
  }

  base::Task<base::Result<void>> erase(std::string name) override {
    if (!platform::is_blob_name(name)) co_return bad_name();
    blobs_.erase(name);
    co_return base::Result<void>();
  }

 private:
  static tl::unexpected<base::Error> bad_name() {
    return base::fail(base::ErrorCode::malformed, "bad_blob_name", "This is no name of a blob.");
  }

  std::map<std::string, std::string> blobs_;
};

}  // namespace ow::sim
