// Paths, the tree in memory, folders read and folders written.
#include "vetset/base/tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/base/temporary.h"
#include "vetset/base/pool.h"

using namespace vetset;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

namespace {

Names names(std::span<const std::string_view> paths) { return {paths.begin(), paths.end()}; }

std::string text_of(const Tree& tree, std::string_view path, Range range = {}) {
  const Result<Bytes> bytes = tree.read(path, range);
  return bytes ? std::string(*bytes) : "error: " + to_string(bytes.error());
}

/// What a tree says of a path it does not show.
std::string problem_of(const Tree& tree, std::string_view path) {
  for (const TreeProblem& problem : tree.problems())
    if (problem.path == path) return problem.what;
  return {};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a path that leaves its tree, or that a system reads otherwise, is named with its fault") {
  for (const char* good : {"a", "a/b.c", "Straße/猫.jpg", "a b/c", "...", "..a", "a..", ".hidden", "a:b", "C:"})
    CHECK_MESSAGE(!path_problem(good), good);
  const std::pair<std::string, std::string> bad[] = {{"", "empty"},
                                                     {"/a", "absolute"},
                                                     {"C:/a", "absolute"},
                                                     {"..", "\"..\""},
                                                     {"a/../b", "\"..\""},
                                                     {"a/..", "\"..\""},
                                                     {"./a", "\".\""},
                                                     {"a//b", "empty part"},
                                                     {"a/", "empty part"},
                                                     {"a\\b", "'\\'"},
                                                     {"a\nb", "control"},
                                                     {"a\x7f", "control"},
                                                     {"a\xc2\x9b", "control"},
                                                     {"a\xff", "UTF-8"},
                                                     {std::string("a\0b", 3), "NUL"}};
  for (const auto& [path, fault] : bad) {
    CAPTURE(path);
    REQUIRE(path_problem(path));
    CHECK(contains(*path_problem(path), fault));
  }
}

TEST_CASE("the parts of a path are views into it") {
  CHECK(base_name("a/b.c.JPG") == "b.c.JPG");
  CHECK(folder_of("a/b/c.jpg") == "a/b");
  CHECK(folder_of("c.jpg") == "");
  CHECK(stem_of("a/b.c.JPG") == "b.c");
  CHECK(extension_of("a/b.c.JPG") == "JPG");
  CHECK(extension_of("a.b/c") == "");
  CHECK(stem_of("a/.hidden") == ".hidden");
  CHECK(extension_of("a/.hidden") == "");
  CHECK(join_path("", "a") == "a");
  CHECK(join_path("a", "b") == "a/b");
  CHECK(join_path("a", "") == "a");
}

TEST_CASE("a tree lists by prefix in the order of bytes") {
  const MemoryTree tree{{"b/2", ""}, {"b/10", ""}, {"a", ""}, {"b-c", ""}, {"é", ""}, {"b", ""}};
  CHECK(names(tree.list()) == Names{"a", "b", "b-c", "b/10", "b/2", "é"});
  CHECK(names(tree.list("b/")) == Names{"b/10", "b/2"});
  CHECK(names(tree.list("z")).empty());
  CHECK(tree.contains("b-c"));
  CHECK(!tree.contains("b/"));
  CHECK(tree.has_folder("b"));
  CHECK(!tree.has_folder("a"));
  CHECK(tree.has_folder(""));
  CHECK(!MemoryTree().has_folder(""));
}

TEST_CASE("bytes are followed by zeros that a parser may read") {
  for (const std::size_t size : {0U, 1U, 100U}) {
    char* data = nullptr;
    const Bytes made = Bytes::make(size, data);
    const Bytes taken = Bytes::from(std::string(size, 'x'));
    CHECK(taken.size() == size);
    for (std::size_t i = 0; i < Bytes::padding; ++i) CHECK((made.data()[size + i] == 0 && taken.data()[size + i] == 0));
  }
  CHECK(Bytes().data()[Bytes::padding - 1] == 0);
}

TEST_CASE("a range is cut off at the end of its file") {
  const TemporaryFolder folder;
  folder.write("f", "0123456789");
  const auto disk = open_folder(folder.path());
  REQUIRE(disk);
  const MemoryTree memory{{"f", "0123456789"}};
  for (const Tree* tree : {static_cast<const Tree*>(&memory), static_cast<const Tree*>(disk->get())}) {
    CHECK(text_of(*tree, "f", {2, 3}) == "234");
    CHECK(text_of(*tree, "f", {8, 100}) == "89");
    CHECK(text_of(*tree, "f", {100, 1}) == "");
    CHECK(text_of(*tree, "f", {3}) == "3456789");
    CHECK(text_of(*tree, "f") == "0123456789");
    CHECK(*tree->size("f") == 10);
  }
}

TEST_CASE("a tree in memory takes each path once, and no file below a file") {
  MemoryTree tree;
  CHECK(tree.write("a/b", "1"));
  CHECK(tree.write("a/b", "2").error().code == Code::refused);
  CHECK(tree.write("a", "2").error().code == Code::refused);
  CHECK(tree.write("a/b/c/d", "2").error().code == Code::refused);
  CHECK(tree.write("../x", "2").error().code == Code::malformed);
  CHECK(tree.begin("big"));
  CHECK(tree.append("one "));
  CHECK(tree.append("two"));
  CHECK(tree.finish());
  CHECK(names(tree.list()) == Names{"a/b", "big"});
  CHECK(text_of(tree, "big") == "one two");
  tree.replace("big", "other");
  tree.remove("a/b");
  CHECK(names(tree.list()) == Names{"big"});
  CHECK(text_of(tree, "big") == "other");
  CHECK(tree.read("a/b").error().code == Code::not_found);
}

TEST_CASE("several threads may be the first to list a tree in memory") {
  MemoryTree tree;
  for (int i = 0; i < 100; ++i) CHECK(tree.write("f" + std::to_string(i), ""));
  std::vector<std::size_t> counts(8);
  Pool(8).for_each(counts.size(), [&](std::size_t i) { counts[i] = tree.list().size(); });
  for (const std::size_t count : counts) CHECK(count == 100);
}

TEST_CASE("a folder shows its files, hidden ones too, and says what it does not show") {
  const TemporaryFolder folder;
  folder.write("b/2.txt", "two");
  folder.write("b/deep/er/1.txt", "one");
  folder.write(".git/config", "");
  folder.write("b.txt", "");
  folder.write("back\\slash", "");
  folder.write("new\nline", "");
  folder.write("bad\xff/inner", "");
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_directory(folder / "empty");
  const auto opened = open_tree(folder.path());
  REQUIRE(opened);
  const Tree& tree = **opened;
  CHECK(names(tree.list()) == Names{".git/config", "b.txt", "b/2.txt", "b/deep/er/1.txt"});
  CHECK(text_of(tree, "b/deep/er/1.txt") == "one");
  CHECK(tree.problems().size() == 4);
  CHECK(contains(problem_of(tree, "pipe"), "pipe"));
  CHECK(tree.disk_path("b/2.txt") == folder / "b/2.txt");
  CHECK(tree.disk_path("b/../b/2.txt") == "");
  CHECK(tree.read("b/../b/2.txt").error().code == Code::not_found);
  CHECK(tree.size("b").error().code == Code::not_found);
  CHECK(tree.name() == folder.path());
}

TEST_CASE("a link is followed inside its folder and nowhere else") {
  const TemporaryFolder outside;
  outside.write("secret", "secret");
  outside.write("folder/secret", "secret");
  const TemporaryFolder both;
  both.write("data-other/secret", "secret");  // a name that begins like the folder's own
  both.write("data/real/a.txt", "a");
  const std::string folder = both / "data";
  const auto link = [&](const std::string& target, const std::string& name) {
    REQUIRE(symlink(target.c_str(), (folder + "/" + name).c_str()) == 0);
  };
  link("real/a.txt", "inside.txt");
  link(folder + "/real", "inside");
  link(outside / "secret", "out.txt");
  link("../../../../../../etc/passwd", "real/passwd");
  link(outside / "folder", "out");
  link("nowhere", "broken");
  link(".", "self");
  link("..", "real/parent");
  link("../data-other", "sibling");
  link("../data-other/secret", "sibling.txt");
  const auto opened = open_folder(folder);
  REQUIRE(opened);
  const Tree& tree = **opened;
  CHECK(names(tree.list()) == Names{"inside.txt", "inside/a.txt", "real/a.txt"});
  CHECK(text_of(tree, "inside.txt") == "a");
  CHECK(text_of(tree, "inside/a.txt") == "a");
  CHECK(*tree.size("inside/a.txt") == 1);
  CHECK(tree.disk_path("inside/a.txt") == folder + "/real/a.txt");
  CHECK(contains(problem_of(tree, "out.txt"), "out of the folder"));
  CHECK(contains(problem_of(tree, "out"), "out of the folder"));
  CHECK(contains(problem_of(tree, "real/passwd"), "out of the folder"));
  CHECK(contains(problem_of(tree, "broken"), "nowhere"));
  CHECK(contains(problem_of(tree, "self"), "holds it"));
  CHECK(contains(problem_of(tree, "real/parent"), "holds it"));
  CHECK(contains(problem_of(tree, "sibling"), "out of the folder"));
  CHECK(contains(problem_of(tree, "sibling.txt"), "out of the folder"));
}

TEST_CASE("links between folders do not make a folder endless") {
  const TemporaryFolder folder;
  folder.write("x/f", "");
  folder.write("y/f", "");
  REQUIRE(symlink("../y", (folder / "x/y").c_str()) == 0);
  REQUIRE(symlink("../x", (folder / "y/x").c_str()) == 0);
  const auto tree = open_folder(folder.path());
  REQUIRE(tree);
  CHECK(names((*tree)->list()) == Names{"x/f", "x/y/f", "y/f", "y/x/f"});
  CHECK((*tree)->problems().size() == 2);
}

TEST_CASE("what was a file when the folder was read, and is a link or a pipe now, is not opened") {
  const TemporaryFolder outside;
  outside.write("secret", "secret");
  outside.write("folder/f", "secret");
  const TemporaryFolder folder;
  for (const char* name : {"link", "pipe", "gone", "ranged", "folder/f"}) folder.write(name, "content");
  const auto opened = open_folder(folder.path());
  REQUIRE(opened);
  const Tree& tree = **opened;
  CHECK(text_of(tree, "ranged", {0, 3}) == "con");
  std::filesystem::remove(folder / "link");
  REQUIRE(symlink((outside / "secret").c_str(), (folder / "link").c_str()) == 0);
  std::filesystem::remove(folder / "pipe");
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::filesystem::remove(folder / "gone");
  folder.write("ranged", "other content");
  CHECK(tree.read("link").error().code == Code::io);
  CHECK(contains(tree.read("pipe").error().message, "no longer a file"));
  CHECK(tree.read("gone").error().code == Code::not_found);
  CHECK(tree.read("gone").error().file == "gone");
  CHECK(contains(tree.read("ranged", {3, 3}).error().message, "changed while it was read"));
}

TEST_CASE("files of every size are read whole, wherever the name that is asked for lies") {
  const TemporaryFolder folder;
  std::string all;
  for (std::size_t k = 0; k < 20000; ++k) all += std::to_string(k) + ',';
  const std::size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
  for (const std::size_t size : sizes) folder.write("d/" + std::to_string(size), all.substr(0, size));
  const auto opened = open_folder(folder.path());
  REQUIRE(opened);
  const Tree& tree = **opened;
  REQUIRE(tree.list().size() == std::size(sizes));
  for (const std::string_view listed : tree.list()) {
    const std::string copied(listed);
    const std::size_t size = std::stoul(copied.substr(2));
    CAPTURE(size);
    CHECK(text_of(tree, listed) == all.substr(0, size));
    CHECK(text_of(tree, copied) == all.substr(0, size));
    CHECK(text_of(tree, copied, {1, 5}) == all.substr(0, size).substr(std::min<std::size_t>(size, 1), 5));
    CHECK_FALSE(tree.contains(listed.substr(2)));
    CHECK_FALSE(tree.contains(listed.substr(0, listed.size() - 1)));
    CHECK(tree.read(listed.substr(2)).error().code == Code::not_found);
  }
  folder.write("d/later", "came later");
  CHECK(tree.read("d/later").error().code == Code::not_found);
}

TEST_CASE("a file that may not be read is an error with its name, not an end") {
  const TemporaryFolder folder;
  folder.write("open", "text");
  folder.write("closed", "text");
  folder.write("locked/f", "text");
  REQUIRE(chmod((folder / "closed").c_str(), 0) == 0);
  REQUIRE(chmod((folder / "locked").c_str(), 0) == 0);
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  const bool root = geteuid() == 0;  // whom nothing is forbidden
  if (root) REQUIRE(seteuid(65534) == 0);
  const auto tree = open_folder(folder.path());
  const std::string opened = tree ? text_of(**tree, "open") : "";
  const Result<Bytes> closed = tree ? (*tree)->read("closed") : Result<Bytes>(Bytes());
  if (root) REQUIRE(seteuid(0) == 0);
  chmod((folder / "locked").c_str(), 0755);
  REQUIRE(tree);
  CHECK(opened == "text");
  REQUIRE(!closed);
  CHECK(to_string(closed.error()) == "closed: cannot be opened: Permission denied");
  CHECK(contains(problem_of(**tree, "locked"), "Permission denied"));
}

TEST_CASE("a folder of more files than granted is an error") {
  const TemporaryFolder folder;
  for (int i = 0; i < 5; ++i) folder.write("f" + std::to_string(i), "");
  TreeOptions options;
  options.limits.members = 4;
  CHECK(open_folder(folder.path(), options).error().code == Code::limit);
  options.limits.members = 5;
  CHECK(open_folder(folder.path(), options));
}

TEST_CASE("what is no tree is told from what is not there") {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  folder.write("a.tar.gz", "\x1f\x8b\x08");
  folder.write("empty", "");
  CHECK(open_tree(folder / "nothing").error().code == Code::not_found);
  CHECK(contains(open_tree(folder / "a.json").error().message, "single file"));
  CHECK(contains(open_tree(folder / "a.tar.gz").error().message, "unpack it first"));
  CHECK(contains(open_tree(folder / "empty").error().message, "empty file"));
}

TEST_CASE("several threads write a folder, and it reads back") {
  const TemporaryFolder folder;
  const auto writer = write_folder(folder.path());
  REQUIRE(writer);
  REQUIRE((*writer)->concurrent());
  std::vector<int> written(200);
  Pool(4).for_each(written.size(), [&](std::size_t i) {
    const std::string path = "d" + std::to_string(i % 7) + "/e/" + std::to_string(i);
    written[i] = static_cast<bool>((*writer)->write(path, std::string(i, 'x')));
  });
  CHECK(std::count(written.begin(), written.end(), 1) == 200);
  const auto tree = open_folder(folder.path());
  REQUIRE(tree);
  CHECK((*tree)->list().size() == 200);
  CHECK(text_of(**tree, "d3/e/199") == std::string(199, 'x'));
}

TEST_CASE("a writer creates files inside its folder and never opens one that is there") {
  const TemporaryFolder outside;
  outside.write("victim", "before");
  const TemporaryFolder folder;
  const auto writer = write_folder(folder.path());
  REQUIRE(writer);
  TreeWriter& out = **writer;
  CHECK(out.write("a/b", "1"));
  CHECK(contains(out.write("a/b", "2").error().message, "a second time"));
  CHECK(!out.write("a/b/c", "2"));
  CHECK(!out.write("a", "2"));
  CHECK(out.write("../x", "2").error().code == Code::malformed);
  CHECK(out.write("/x", "2").error().code == Code::malformed);
  REQUIRE(symlink((outside / "victim").c_str(), (folder / "link").c_str()) == 0);
  REQUIRE(symlink(outside.path().c_str(), (folder / "folder").c_str()) == 0);
  CHECK(!out.write("link", "2"));
  CHECK(!out.write("folder/new", "2"));
  CHECK(outside.read("victim") == "before");
  CHECK(!std::filesystem::exists(outside / "new"));
  CHECK(write_folder(folder.path()).error().code == Code::refused);
  CHECK(write_folder(folder / "nothing").error().code == Code::not_found);
}

TEST_CASE("a large file is written piece by piece") {
  const TemporaryFolder folder;
  const auto writer = write_folder(folder.path());
  REQUIRE(writer);
  std::string expected;
  REQUIRE((*writer)->begin("big"));
  for (const std::size_t size : {1U, 1'000'000U, 700'000U, 3'000'000U, 0U, 5U}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    expected += piece;
    CHECK((*writer)->append(piece));
  }
  CHECK((*writer)->finish());
  CHECK((*writer)->begin("second"));
  CHECK((*writer)->finish());
  CHECK(folder.read("big") == expected);
  CHECK(folder.read("second").empty());
}

TEST_CASE("files are copied from folders, from another disk and from memory") {
  std::string big(9'000'001, 'x');
  for (std::size_t i = 0; i < big.size(); i += 4096) big[i] = static_cast<char>(i >> 12);
  MemoryTree memory{{"big", big}, {"small", "small"}, {"empty", ""}};
  std::vector<std::filesystem::path> parents = {std::filesystem::temp_directory_path()};
  if (access("/dev/shm", W_OK) == 0) parents.emplace_back("/dev/shm");  // where neither reflink nor the kernel can help
  std::vector<std::unique_ptr<TemporaryFolder>> sources;
  std::vector<std::unique_ptr<Tree>> trees;
  trees.push_back(std::make_unique<MemoryTree>(std::move(memory)));
  for (const auto& parent : parents) {
    sources.push_back(std::make_unique<TemporaryFolder>(parent));
    sources.back()->write("big", big);
    sources.back()->write("small", "small");
    sources.back()->write("empty", "");
    auto disk = open_folder(sources.back()->path());
    REQUIRE(disk);
    trees.push_back(*std::move(disk));
  }
  for (const auto& from : trees) {
    CAPTURE(from->name());
    const TemporaryFolder target;
    const auto writer = write_folder(target.path());
    REQUIRE(writer);
    for (const char* name : {"big", "small", "empty"}) CHECK((*writer)->copy(std::string("c/") + name, *from, name));
    CHECK((target.read("c/big") == big));
    CHECK(target.read("c/small") == "small");
    CHECK(target.read("c/empty").empty());
    CHECK((*writer)->copy("x", *from, "nothing").error().code == Code::not_found);
    CHECK(!(*writer)->copy("c/small", *from, "small"));
  }
}
