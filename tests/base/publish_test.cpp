#include "vetset/base/publish.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/base/temporary.h"

using namespace vetset;
using testing::TemporaryFolder;

namespace {

std::size_t entries(const std::string& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

}  // namespace

TEST_CASE("nothing is at the target until it is published, and nothing is left beside it") {
  const TemporaryFolder folder;
  {
    auto staging = Staging::make(folder / "out/");
    REQUIRE(staging);
    CHECK(staging->writer().write("a/b", "text"));
    CHECK(!std::filesystem::exists(folder / "out"));
    const auto tree = staging->tree();
    REQUIRE(tree);
    CHECK((*tree)->contains("a/b"));
    CHECK(staging->publish());
    CHECK(folder.read("out/a/b") == "text");
  }
  CHECK(folder.read("out/a/b") == "text");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("what is not published is removed") {
  const TemporaryFolder folder;
  {
    auto staging = Staging::make(folder / "out");
    REQUIRE(staging);
    CHECK(staging->writer().write("a/b", "text"));
    const Staging moved = std::move(*staging);
    CHECK(entries(folder.path()) == 1);
  }
  CHECK(entries(folder.path()) == 0);
}

TEST_CASE("what a killed process left beside a target is swept up; what lives or belongs to others stays") {
  const TemporaryFolder folder;
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  REQUIRE(gone > 0);
  int status = 0;
  REQUIRE(waitpid(gone, &status, 0) == gone);
  const std::string dead = std::to_string(gone);
  folder.write(".out.vetset-" + dead + "-0/a", "half");
  const std::vector<std::string> stay = {".out.vetset-" + std::to_string(getppid()) + "-0/a",  // lives
                                         ".other.vetset-" + dead + "-0/a", ".out.vetset-" + dead + "-0.old/a",
                                         ".out.vetset-/a", "out.vetset-" + dead + "-0/a"};
  for (const std::string& name : stay) folder.write(name, "kept");
  {
    REQUIRE(Staging::make(folder / "out"));
  }
  CHECK(!std::filesystem::exists(folder / (".out.vetset-" + dead + "-0")));
  for (const std::string& name : stay) {
    CAPTURE(name);
    CHECK(folder.read(name) == "kept");
  }
}

TEST_CASE("an empty folder is taken, a full one or a file is refused before any work") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "empty");
  folder.write("full/old", "old");
  folder.write("file", "");
  auto staging = Staging::make(folder / "empty");
  REQUIRE(staging);
  CHECK(staging->writer().write("new", "new"));
  CHECK(staging->publish());
  CHECK(folder.read("empty/new") == "new");
  CHECK(Staging::make(folder / "full").error().code == Code::refused);
  CHECK(Staging::make(folder / "file", {.replace = true}).error().code == Code::refused);
  CHECK(Staging::make(folder / "no/where").error().code == Code::not_found);
  CHECK(Staging::make("").error().code == Code::usage);
}

TEST_CASE("a full folder is replaced whole where that was asked for") {
  const TemporaryFolder folder;
  folder.write("full/old", "old");
  auto staging = Staging::make(folder / "full", {.replace = true});
  REQUIRE(staging);
  CHECK(staging->writer().write("new", "new"));
  CHECK(folder.read("full/old") == "old");
  CHECK(staging->publish());
  CHECK(folder.read("full/new") == "new");
  CHECK(!std::filesystem::exists(folder / "full/old"));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("files that appear at the target meanwhile are kept") {
  const TemporaryFolder folder;
  {
    auto staging = Staging::make(folder / "out");
    REQUIRE(staging);
    CHECK(staging->writer().write("new", "new"));
    folder.write("out/theirs", "theirs");
    CHECK(staging->publish().error().code == Code::refused);
  }
  CHECK(folder.read("out/theirs") == "theirs");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("two stagings of one target do not meet") {
  const TemporaryFolder folder;
  auto one = Staging::make(folder / "out");
  auto two = Staging::make(folder / "out");
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->path() != two->path());
  CHECK(one->writer().write("one", ""));
  CHECK(one->publish());
  CHECK(two->writer().write("two", ""));
  CHECK(!two->publish());
  CHECK(std::filesystem::exists(folder / "out/one"));
}

TEST_CASE("a target that is a link means the folder it leads to") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  REQUIRE(symlink("real", (folder / "link").c_str()) == 0);
  auto staging = Staging::make(folder / "link");
  REQUIRE(staging);
  CHECK(staging->target() == folder / "real");
  CHECK(staging->writer().write("f", "text"));
  CHECK(staging->publish());
  CHECK(folder.read("link/f") == "text");
}

TEST_CASE("a file is written whole in place of the old one") {
  const TemporaryFolder folder;
  CHECK(write_file_atomically(folder / "f", "one"));
  CHECK(folder.read("f") == "one");
  CHECK(write_file_atomically(folder / "f", "two"));
  CHECK(folder.read("f") == "two");
  CHECK(entries(folder.path()) == 1);
  CHECK(write_file_atomically(folder / "no/f", "x").error().code == Code::not_found);
  std::filesystem::create_directory(folder / "d");
  CHECK(!write_file_atomically(folder / "d", "x"));
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("free space is that of the disk that would hold a path") {
  const TemporaryFolder folder;
  const auto here = free_bytes(folder.path());
  REQUIRE(here);
  CHECK(*here > 0);
  CHECK(free_bytes(folder / "not/there/yet"));
}

TEST_CASE("where the disk takes no more, there is an error with the path, and no half file") {
  const TemporaryFolder folder;
  const auto writer = write_folder(folder.path());
  REQUIRE(writer);
  // The largest file a process may write stands in for a full disk.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Result<void> written = (*writer)->write("a/big", std::string(100'000, 'x'));
  const Result<void> atomic = write_file_atomically(folder / "a/whole", std::string(100'000, 'x'));
  const Result<void> begun = (*writer)->begin("a/pieces");
  const Result<void> appended = (*writer)->append(std::string(100'000, 'x'));
  const Result<void> finished = (*writer)->finish();
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE(!written);
  CHECK(to_string(written.error()) == "a/big: cannot be written: File too large");
  CHECK(!atomic);
  CHECK(begun);
  CHECK(!appended);
  CHECK(!finished);
  CHECK(entries(folder / "a") == 0);
}
