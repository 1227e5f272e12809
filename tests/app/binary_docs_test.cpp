// The examples of docs/backup.md, run as they stand.
#include <gmock/gmock.h>

#include <filesystem>

#include "app/binary.h"
#include "app/docs_script.h"

namespace ow::tests {
namespace {

class DocsTest : public BinaryTest {};

TEST_F(DocsTest, the_examples_of_backup_run_as_they_stand) {
  ServeProcess server(path("data"), {"--demo", "--snapshots", path("snapshots")});
  ASSERT_TRUE(server.came_up()) << server.err();
  server.settled(server.place(mug_order(1)));
  const auto program = std::filesystem::path(binary_path()).parent_path().string();
  const auto script =
      file("script", "PATH=" + program + ":$PATH\n" + script_of(read_file(OW_SOURCE_DIR "/docs/backup.md")));
  auto process = Process::start({"/bin/bash", script}, path("log"),
                                {"OW_SERVER=" + server.url(), "OW_TOKEN=" + server.token_of("demo-operator"),
                                 "SNAPSHOTS=" + path("snapshots"), "NEW_DATA=" + path("new")});
  EXPECT_EQ(process.wait(), 0) << read_file(path("log"));
  EXPECT_TRUE(std::filesystem::exists(path("new/store")));
}

}  // namespace
}  // namespace ow::tests
