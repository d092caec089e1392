// What an audit is told of a folder or an archive beside its files, and what reading a file through tells of it.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/base/temporary.h"
#include "vetset/base/tar_write.h"
#include "vetset/base/tree.h"

using namespace vetset;
using testing::TemporaryFolder;
using Kind = TreeProblem::Kind;

namespace {

struct Problem {
  std::string path;
  Kind kind;
  friend bool operator==(const Problem&, const Problem&) = default;
};

std::vector<Problem> problems_of(const Tree& tree) {
  std::vector<Problem> all;
  for (const TreeProblem& p : tree.problems()) all.push_back({p.path, p.kind});
  return all;
}

/// The first header of a tar with its sum made right.
std::string with_checksum(std::string tar) {
  unsigned total = 0;
  for (std::size_t i = 0; i < tar_block; ++i)
    total += i >= 148 && i < 156 ? static_cast<unsigned>(' ') : static_cast<unsigned char>(tar[i]);
  for (std::size_t i = 154; i-- > 148; total /= 8) tar[i] = static_cast<char>('0' + total % 8);
  return tar;
}

std::string member(std::string_view name, std::string_view bytes, char type = '0') {
  std::string header = *tar_header(name, bytes.size());
  header[156] = type;
  return with_checksum(std::move(header)) + std::string(bytes) + tar_padding(bytes.size());
}

std::unique_ptr<Tree> audited(const std::string& tar) {
  auto tree = open_tar_bytes(Bytes::from(tar), "a.tar", {.step_in = false, .audit = true});
  REQUIRE(tree);
  return *std::move(tree);
}

}  // namespace

TEST_CASE("an audit of a folder tells links, pipes and empty folders, and follows nothing") {
  const TemporaryFolder folder;
  folder.write("images/a.jpg", "a");
  REQUIRE(mkdir((folder.path() + "/none").c_str(), 0755) == 0);
  REQUIRE(mkdir((folder.path() + "/none/deeper").c_str(), 0755) == 0);
  REQUIRE(symlink("images/a.jpg", (folder.path() + "/inside").c_str()) == 0);
  REQUIRE(symlink("/", (folder.path() + "/outside").c_str()) == 0);
  REQUIRE(mkfifo((folder.path() + "/pipe").c_str(), 0644) == 0);
  const auto tree = open_folder(folder.path(), {.audit = true});
  REQUIRE(tree);
  CHECK((*tree)->list().size() == 1);
  CHECK(problems_of(**tree) == std::vector<Problem>{{"inside", Kind::link},
                                                    {"none/deeper", Kind::empty_folder},
                                                    {"outside", Kind::link},
                                                    {"pipe", Kind::device}});
  const auto reader = open_folder(folder.path());
  REQUIRE(reader);
  CHECK((*reader)->contains("inside"));  // who only reads may follow it
  CHECK(problems_of(**reader) == std::vector<Problem>{{"outside", Kind::link}, {"pipe", Kind::device}});
}

TEST_CASE("a file that is changed while it is read through says so, and how many names it has") {
  const TemporaryFolder folder;
  folder.write("a", std::string(200'000, 'a'));
  const auto tree = open_folder(folder.path());
  REQUIRE(tree);
  std::uint64_t passed = 0;
  const auto calm = (*tree)->read_through("a", [&](std::string_view piece) { passed += piece.size(); });
  REQUIRE(calm);
  CHECK(passed == 200'000);
  CHECK(calm->size == 200'000);
  CHECK_FALSE(calm->changed);
  CHECK(calm->links == 1);
  for (const bool grows : {true, false}) {
    CAPTURE(grows);
    folder.write("a", std::string(200'000, 'a'));
    bool once = false;
    const auto stirred = (*tree)->read_through("a", [&](std::string_view) {
      if (!std::exchange(once, true)) folder.write("a", std::string(grows ? 300'000 : 100'000, 'b'));
    });
    REQUIRE(stirred);
    CHECK(stirred->changed);
  }
  REQUIRE(link((folder.path() + "/a").c_str(), (folder.path() + "/b").c_str()) == 0);
  CHECK((*tree)->read_through("a", [](std::string_view) {})->links == 2);
}

TEST_CASE("an audit of an archive tells what kind of member it refuses, and bytes that belong to none") {
  const std::string good = member("a", "abc") + member("b/c", "de");
  CHECK(audited(good + tar_end())->problems().empty());
  CHECK(audited(good + tar_end() + std::string(10'240, '\0'))->problems().empty());  // a full record, as GNU tar has it
  CHECK(problems_of(*audited(good + member("../x", "y") + tar_end())) ==
        std::vector<Problem>{{"../x", Kind::member_name}});
  CHECK(problems_of(*audited(good + member("link", "", '2') + tar_end())) ==
        std::vector<Problem>{{"link", Kind::member_type}});
  CHECK(problems_of(*audited(good + member("a", "again") + tar_end())) ==
        std::vector<Problem>{{"a", Kind::member_twice}});
  CHECK(problems_of(*audited(good + member("b", "file and folder") + tar_end())) ==
        std::vector<Problem>{{"b", Kind::member_twice}});
  CHECK(problems_of(*audited(good + member("none/", "", '5') + member("b/", "", '5') + tar_end())) ==
        std::vector<Problem>{{"none", Kind::empty_folder}});
  CHECK(problems_of(*audited(good)) == std::vector<Problem>{{"a.tar", Kind::archive_damage}});
  CHECK(problems_of(*audited(good + tar_end() + std::string(512, 'x'))) ==
        std::vector<Problem>{{"a.tar", Kind::archive_damage}});
  std::string between = good + tar_end();
  between[512 + 3] = 'x';  // behind the three bytes of "a"
  CHECK(problems_of(*audited(between)) == std::vector<Problem>{{"a.tar", Kind::archive_damage}});
  const auto reader = open_tar_bytes(Bytes::from(between), "a.tar");
  REQUIRE(reader);
  CHECK((*reader)->problems().empty());  // who only reads does not mind
}

TEST_CASE("an audit wants sizes of members in octal digits") {
  std::string tar = member("a", "abc") + tar_end();
  tar.replace(124, 12, std::string("\x80\0\0\0\0\0\0\0\0\0\0\x03", 12));
  tar = with_checksum(std::move(tar));
  CHECK(problems_of(*audited(tar)) == std::vector<Problem>{{"a", Kind::archive_damage}});
  CHECK((*open_tar_bytes(Bytes::from(tar), "a.tar"))->problems().empty());
}

TEST_CASE("a tar file in a tree is read in place") {
  const MemoryTree tree{{"media/m.tar", member("a", "abc") + member("b", "de") + tar_end()}, {"x.tar", "no archive"}};
  const auto shard = open_tar_in(tree, "media/m.tar", {.step_in = false});
  REQUIRE(shard);
  CHECK((*shard)->read("b")->text() == "de");
  CHECK_FALSE(open_tar_in(tree, "x.tar"));
  CHECK_FALSE(open_tar_in(tree, "none.tar"));
}
