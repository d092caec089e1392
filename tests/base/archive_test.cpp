// Zip and tar files, well made and hostile. The hostile ones are put together byte by byte.
#include <doctest/doctest.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "tests/base/temporary.h"
#include "vetset/base/pool.h"
#include "vetset/base/tree.h"

using namespace vetset;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

namespace {

Names names(const Tree& tree) { return {tree.list().begin(), tree.list().end()}; }

std::string text_of(const Tree& tree, std::string_view path, Range range = {}) {
  const Result<Bytes> bytes = tree.read(path, range);
  return bytes ? std::string(*bytes) : "error: " + to_string(bytes.error());
}

std::string problem_of(const Tree& tree, std::string_view path) {
  for (const TreeProblem& problem : tree.problems())
    if (problem.path == path) return problem.what;
  return {};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Text that does not repeat soon.
std::string long_text(std::size_t size) {
  std::string text(size, ' ');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>('a' + ((state = state * 1664525 + 1013904223) >> 28));
  return text;
}

// Zip, by hand

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 0xFF);
  return text;
}

struct ZipMember {
  std::string name;
  std::string data = "text";
  std::uint32_t method = 0;
  std::uint32_t flags = 0;
  std::uint32_t unix_mode = 0;
  std::int64_t claimed_size = -1;
  std::uint32_t crc_error = 0;
};

/// A zip file that says what it is told to say.
std::string zip_of(const std::vector<ZipMember>& members) {
  std::string file;
  std::string directory;
  for (const ZipMember& m : members) {
    const std::uint64_t size = m.claimed_size < 0 ? m.data.size() : static_cast<std::uint64_t>(m.claimed_size);
    const std::string common = little(m.flags, 2) + little(m.method, 2) + little(0, 4) +
                               little(crc32(m.data) ^ m.crc_error, 4) + little(m.data.size(), 4) + little(size, 4) +
                               little(m.name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(0x0314, 2) + little(20, 2) + common + little(0, 6) +
                 little(std::uint64_t{m.unix_mode} << 16, 4) + little(file.size(), 4) + m.name;
    file += "PK\x03\x04" + little(20, 2) + common + m.name + m.data;
  }
  const std::string end = "PK\x05\x06" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
                          little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
  return file + directory + end;
}

Result<std::unique_ptr<Tree>> open_zip_of(const std::vector<ZipMember>& members, const TreeOptions& options = {}) {
  return open_zip_bytes(Bytes::from(zip_of(members)), "test.zip", options);
}

/// A deflated zip file on the disk.
void pack_zip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& files) {
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  REQUIRE(zip != nullptr);
  for (const auto& [name, text] : files)
    REQUIRE(zip_file_add(zip, name.c_str(), zip_source_buffer(zip, text.data(), text.size(), 0), 0) >= 0);
  REQUIRE(zip_close(zip) == 0);
}

// Tar, by hand

struct TarMember {
  std::string name;
  std::string data = "text";
  char type = '0';
  std::string prefix = {};
  std::string size_field = {};  // in place of the octal size
};

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value /= 8) text[i] = static_cast<char>('0' + value % 8);
  return text;
}

std::string tar_member(const TarMember& m) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  put(0, m.name);
  put(100, "0000644");
  put(124, m.size_field.empty() ? octal(m.data.size(), 11) : m.size_field);
  header[156] = m.type;
  put(257, std::string("ustar\0"
                       "00",
                       8));
  put(345, m.prefix);
  put(148, std::string(8, ' '));
  const unsigned sum = std::accumulate(header.begin(), header.end(), 0U,
                                       [](unsigned total, char c) { return total + static_cast<unsigned char>(c); });
  put(148, octal(sum, 6) + '\0');
  const std::size_t padding = (512 - m.data.size() % 512) % 512;
  return header + m.data + std::string(padding, '\0');
}

const std::string tar_end(1024, '\0');

std::string tar_of(const std::vector<TarMember>& members) {
  std::string file;
  for (const TarMember& m : members) file += tar_member(m);
  return file + tar_end;
}

std::string pax(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) ++length;
  return std::to_string(length) + ' ' + key + '=' + value + '\n';
}

Result<std::unique_ptr<Tree>> open_tar_text(std::string text, const TreeOptions& options = {}) {
  return open_tar_bytes(Bytes::from(std::move(text)), "test.tar", options);
}

}  // namespace

TEST_CASE("a zip file reads as the folder it was made of") {
  const TemporaryFolder folder;
  const std::string text = long_text(3'000'000);
  pack_zip(folder / "a.zip", {{"b/big.json", text}, {"a.txt", "a"}, {"b/Straße.txt", "ß"}, {"empty", ""}});
  const auto tree = open_tree(folder / "a.zip");
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"a.txt", "b/Straße.txt", "b/big.json", "empty"});
  CHECK((*tree)->problems().empty());
  CHECK(text_of(**tree, "a.txt") == "a");
  CHECK(text_of(**tree, "empty").empty());
  CHECK(text_of(**tree, "b/Straße.txt") == "ß");
  CHECK(text_of(**tree, "b/big.json") == text);
  CHECK(*(*tree)->size("b/big.json") == text.size());
  CHECK((*tree)->disk_path("a.txt").empty());
  CHECK((*tree)->read("nothing").error().code == Code::not_found);
}

TEST_CASE("ranges of a packed member come in any order, and other members in between") {
  const TemporaryFolder folder;
  const std::string text = long_text(1'000'000);
  pack_zip(folder / "a.zip", {{"big", text}, {"a.txt", "a"}});
  const auto tree = open_zip(folder / "a.zip");
  REQUIRE(tree);
  for (const std::uint64_t offset : {0U, 100'000U, 100'500U, 999'990U, 50U, 2'000'000U, 0U, 999'999U}) {
    const std::string expected = offset < text.size() ? text.substr(offset, 1000) : "";
    CHECK(text_of(**tree, "big", {offset, 1000}) == expected);
    if (offset == 100'500U) CHECK(text_of(**tree, "a.txt") == "a");
  }
}

TEST_CASE("several threads read one zip file") {
  const TemporaryFolder folder;
  std::vector<std::pair<std::string, std::string>> files;
  for (std::size_t i = 0; i < 50; ++i) files.emplace_back("f" + std::to_string(i), long_text(1000 * i));
  pack_zip(folder / "a.zip", files);
  const auto tree = open_zip(folder / "a.zip");
  REQUIRE(tree);
  std::vector<int> same(files.size());
  Pool(4).for_each(files.size(), [&](std::size_t i) { same[i] = text_of(**tree, files[i].first) == files[i].second; });
  CHECK(std::count(same.begin(), same.end(), 1) == 50);
}

TEST_CASE("a zip member that would leave its folder is not shown") {
  const auto tree = open_zip_of({{.name = "good/a.txt"},
                                 {.name = "../evil"},
                                 {.name = "good/../../evil"},
                                 {.name = "/etc/passwd"},
                                 {.name = "C:/windows"},
                                 {.name = "good\\evil"},
                                 {.name = "../folder/", .data = ""},
                                 {.name = "link", .data = "/etc/passwd", .unix_mode = 0120777},
                                 {.name = "pipe", .unix_mode = 0010644},
                                 {.name = "./b.txt"}},
                                {.step_in = false});
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"b.txt", "good/a.txt"});
  CHECK((*tree)->problems().size() == 8);
  CHECK(contains(problem_of(**tree, "../evil"), ".."));
  CHECK(contains(problem_of(**tree, "/etc/passwd"), "absolute"));
  CHECK(contains(problem_of(**tree, "good\\evil"), "'\\'"));
  CHECK(contains(problem_of(**tree, "link"), "symbolic link"));
  CHECK(contains(problem_of(**tree, "pipe"), "pipe"));
}

TEST_CASE("of two zip members with one name the first is shown and the second is named") {
  const auto tree = open_zip_of({{.name = "a", .data = "first"}, {.name = "./a", .data = "second"}, {.name = "b"}});
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"a", "b"});
  CHECK(text_of(**tree, "a") == "first");
  CHECK(contains(problem_of(**tree, "a"), "second time"));
}

TEST_CASE("a name that is a file and a folder is shown as the folder") {
  const auto tree = open_zip_of({{.name = "a"}, {.name = "a-b"}, {.name = "a/x/y"}, {.name = "a/x"}});
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"a-b", "a/x/y"});
  CHECK((*tree)->problems().size() == 2);
}

TEST_CASE("zip members that cannot be unpacked are named, and the rest is read") {
  const auto tree = open_zip_of({{.name = "good"},
                                 {.name = "secret", .data = "twelve bytes and more", .flags = 1},
                                 {.name = "odd", .method = 77}});
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"good"});
  CHECK(contains(problem_of(**tree, "secret"), "encrypted"));
  CHECK(contains(problem_of(**tree, "odd"), "method 77"));
}

TEST_CASE("a zip bomb is not unpacked") {
  const auto claimed =
      open_zip_of({{.name = "bomb", .data = long_text(2000), .method = 8, .claimed_size = 2'000'000'000},
                   {.name = "small", .data = "x", .method = 8, .claimed_size = 1'000'000}});
  REQUIRE(claimed);
  CHECK(names(**claimed) == Names{"small"});
  CHECK(contains(problem_of(**claimed, "bomb"), "more than 200 times"));

  const TemporaryFolder folder;
  pack_zip(folder / "real.zip", {{"zeros", std::string(20'000'000, '\0')}, {"a", "a"}});
  const auto real = open_zip(folder / "real.zip");
  REQUIRE(real);
  CHECK(names(**real) == Names{"a"});

  TreeOptions options;
  options.limits.unpacked_bytes = 7;
  CHECK(open_zip_of({{.name = "a"}, {.name = "b"}}, options).error().code == Code::limit);
  options.limits.unpacked_bytes = 8;
  CHECK(open_zip_of({{.name = "a"}, {.name = "b"}}, options));
  options.limits.members = 1;
  CHECK(open_zip_of({{.name = "a"}, {.name = "b"}}, options).error().code == Code::limit);
}

TEST_CASE("a zip file whose members lie over each other is refused") {
  std::string file = zip_of({{.name = "a", .data = std::string(600, 'x')}});
  const std::size_t directory = file.find("PK\x01\x02");
  const std::size_t end = file.find("PK\x05\x06");
  std::string entry = file.substr(directory, end - directory);
  std::string other = entry;
  other.back() = 'b';
  const std::string tail = "PK\x05\x06" + little(0, 4) + little(2, 2) + little(2, 2) + little(entry.size() * 2, 4) +
                           little(directory, 4) + little(0, 2);
  const auto tree = open_zip_bytes(Bytes::from(file.substr(0, directory) + entry + other + tail), "overlap.zip");
  REQUIRE(!tree);
  CHECK(contains(tree.error().message, "overlap"));
}

TEST_CASE("a zip member that lies about its bytes is an error with its place") {
  const auto tree = open_zip_of({{.name = "crc", .crc_error = 1},
                                 {.name = "noise", .data = "\xff\xff noise", .method = 8, .claimed_size = 100},
                                 {.name = "good"}});
  REQUIRE(tree);
  for (const char* name : {"crc", "noise"}) {
    const Result<Bytes> bytes = (*tree)->read(name);
    REQUIRE(!bytes);
    CHECK(bytes.error().code == Code::malformed);
    CHECK(bytes.error().file == std::string("test.zip:") + name);
  }
  CHECK(text_of(**tree, "good") == "text");
}

TEST_CASE("a truncated zip file is one error, wherever it is cut") {
  const std::string file = zip_of({{.name = "a"}, {.name = "b/c"}});
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    const auto tree = open_zip_bytes(Bytes::from(file.substr(0, size)), "cut.zip");
    CHECK(!tree);
  }
}

TEST_CASE("no single byte of a zip file makes it leave its folder or end the program") {
  const std::string file = zip_of({{.name = "a"}, {.name = "b/c"}});
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const int change : {1, 0x80, 0xFF}) {
      std::string changed = file;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const auto tree = open_zip_bytes(Bytes::from(changed), "changed.zip");
      if (!tree) continue;
      for (const std::string_view path : (*tree)->list()) {
        CHECK(!path_problem(path));
        const Result<Bytes> bytes = (*tree)->read(path);
        if (bytes) CHECK(*(*tree)->size(path) == bytes->size());
      }
    }
}

TEST_CASE("the single top folder of an archive is its root") {
  const auto step = open_zip_of(
      {{.name = "street/a"}, {.name = "street/b/c"}, {.name = "__MACOSX/street/._a"}, {.name = ".DS_Store"}});
  REQUIRE(step);
  CHECK(names(**step) == Names{"a", "b/c"});
  CHECK(text_of(**step, "b/c") == "text");
  const auto two = open_zip_of({{.name = "street/a"}, {.name = "road/a"}});
  CHECK(names(**two) == Names{"road/a", "street/a"});
  const auto file = open_zip_of({{.name = "street/a"}, {.name = "readme"}});
  CHECK(names(**file) == Names{"readme", "street/a"});
  const auto as_is = open_zip_of({{.name = "street/a"}}, {.step_in = false});
  CHECK(names(**as_is) == Names{"street/a"});
  CHECK(names(**open_tar_text(tar_of({{.name = "./street/a"}, {.name = "./street/b"}}))) == Names{"a", "b"});
}

TEST_CASE("a tar file reads as the folder it was made of") {
  const std::string big = long_text(100'000);
  const std::string long_name = std::string(150, 'n') + "/" + std::string(200, 'm');
  const std::string file =
      tar_of({{.name = "./", .data = "", .type = '5'},
              {.name = "./b/", .data = "", .type = '5'},
              {.name = "./b/2.txt", .data = "two"},
              {.name = "a.txt", .data = big},
              {.name = "rest.txt", .prefix = "some/prefix"},
              {.name = "PaxHeaders/x", .data = pax("mtime", "1.5") + pax("path", "Straße/猫.jpg"), .type = 'x'},
              {.name = "ignored", .data = "cat"},
              {.name = "././@LongLink", .data = long_name + '\0', .type = 'L'},
              {.name = "cut", .data = "long"},
              {.name = "binary", .data = "0123456789", .size_field = std::string("\x80\0\0\0\0\0\0\0\0\0\0\x0a", 12)},
              {.name = "PaxHeaders/y", .data = pax("size", "7"), .type = 'x'},
              {.name = "sized", .data = "7 bytes", .size_field = "00000000000"},
              {.name = "global", .data = pax("comment", "abc"), .type = 'g'},
              {.name = "empty", .data = ""}});
  const TemporaryFolder folder;
  folder.write("a.tar", file);
  const auto on_disk = open_tree(folder / "a.tar", {.step_in = false});
  const auto in_memory = open_tar_text(file, {.step_in = false});
  REQUIRE(on_disk);
  REQUIRE(in_memory);
  for (const Tree* tree : {on_disk->get(), in_memory->get()}) {
    CHECK(names(*tree) ==
          Names{"Straße/猫.jpg", "a.txt", "b/2.txt", "binary", "empty", long_name, "sized", "some/prefix/rest.txt"});
    CHECK(tree->problems().empty());
    CHECK(text_of(*tree, "Straße/猫.jpg") == "cat");
    CHECK(text_of(*tree, "a.txt") == big);
    CHECK(text_of(*tree, "a.txt", {99'990, 100}) == big.substr(99'990));
    CHECK(text_of(*tree, long_name) == "long");
    CHECK(text_of(*tree, "binary") == "0123456789");
    CHECK(text_of(*tree, "sized") == "7 bytes");
    CHECK(text_of(*tree, "some/prefix/rest.txt") == "text");
    CHECK(*tree->size("b/2.txt") == 3);
    CHECK(*tree->size("empty") == 0);
  }
}

TEST_CASE("a tar member that would leave its folder, or is no file, is not shown") {
  const auto tree = open_tar_text(tar_of({{.name = "good"},
                                          {.name = "../evil"},
                                          {.name = "/etc/passwd"},
                                          {.name = "a\\b"},
                                          {.name = "hard", .data = "", .type = '1'},
                                          {.name = "soft", .data = "", .type = '2'},
                                          {.name = "device", .data = "", .type = '3'},
                                          {.name = "pipe", .data = "", .type = '6'},
                                          {.name = "odd", .type = '~'},
                                          {.name = "sparse", .type = 'S'},
                                          {.name = "x", .data = pax("path", "../pax"), .type = 'x'},
                                          {.name = "harmless"},
                                          {.name = "x", .data = pax("GNU.sparse.major", "1"), .type = 'x'},
                                          {.name = "sparse2"},
                                          {.name = "good", .data = "second"},
                                          {.name = "last"}}));
  REQUIRE(tree);
  CHECK(names(**tree) == Names{"good", "last"});
  CHECK(text_of(**tree, "good") == "text");
  CHECK((*tree)->problems().size() == 12);
  CHECK(contains(problem_of(**tree, "../pax"), ".."));
  CHECK(contains(problem_of(**tree, "soft"), "symbolic link"));
  CHECK(contains(problem_of(**tree, "hard"), "hard link"));
  CHECK(contains(problem_of(**tree, "sparse2"), "sparse"));
  CHECK(contains(problem_of(**tree, "good"), "second time"));
}

TEST_CASE("a tar header that does not hold is an error with its place") {
  const std::string good = tar_member({.name = "a"});
  const auto message = [&](const std::string& next) {
    const auto tree = open_tar_text(good + next + tar_end);
    return tree ? std::string("opened") : to_string(tree.error());
  };
  std::string flipped = tar_member({.name = "b"});
  flipped[0] = 'c';
  CHECK(message(flipped) == "test.tar: at byte 1024: a header whose checksum does not hold");
  CHECK(contains(message(tar_member({.name = "b", .size_field = "0000000zz00"})), "no octal number"));
  CHECK(contains(message(tar_member({.name = "b", .size_field = "77777777777"})), "cut off"));
  CHECK(contains(message(tar_member({.name = "b", .size_field = std::string(12, '\xff')})), "no octal number"));
  CHECK(contains(message(tar_member({.name = "x", .data = "99 path=b\n", .type = 'x'})), "LENGTH KEY=VALUE"));
  CHECK(contains(message(tar_member({.name = "x", .data = "0 \n", .type = 'x'})), "LENGTH KEY=VALUE"));
  CHECK(contains(message(tar_member({.name = "x", .data = pax("size", "-1"), .type = 'x'})), "no number"));
  CHECK(contains(message(tar_member({.name = "x", .data = pax("path", "b"), .type = 'g'})), "all members"));
  CHECK(contains(message(tar_member({.name = "x", .data = std::string(2 << 20, 'x'), .type = 'L'})), "at most"));
}

TEST_CASE("a truncated tar file is an error, or is said to be without its end") {
  const std::string file = tar_of({{.name = "a"}, {.name = "b", .data = std::string(600, 'x')}});
  const std::size_t members = file.size() - tar_end.size();
  for (std::size_t size = 0; size < file.size() - 512; size += 64) {
    CAPTURE(size);
    const auto tree = open_tar_text(file.substr(0, size));
    const bool in_padding = size >= 512 + 4 && size <= 1024;
    const bool behind_all = size >= 1024 + 512 + 600 && size <= members;
    CHECK(static_cast<bool>(tree) == (size == 0 || in_padding || behind_all));
    if (tree) CHECK(contains(problem_of(**tree, "test.tar"), "cut off"));
  }
  CHECK((*open_tar_text(file))->problems().empty());
}

TEST_CASE("more tar members than granted are an error") {
  TreeOptions options;
  options.limits.members = 2;
  CHECK(open_tar_text(tar_of({{.name = "a"}, {.name = "b"}}), options));
  CHECK(open_tar_text(tar_of({{.name = "a"}, {.name = "b"}, {.name = "c"}}), options).error().code == Code::limit);
}
