// See store.h.
#include "platform/store.h"

namespace ow::platform {

base::Task<base::Result<RecordPtr>> get_one(Store& store, Key key) {
  std::vector<Key> keys;
  keys.push_back(std::move(key));
  auto found = co_await store.get(std::move(keys));
  if (!found) co_return base::fail(std::move(found.error()));
  co_return std::move(found->front());
}

}  // namespace ow::platform
