// What ELF libraries say of themselves, where the loader finds what they need, and what a hostile one may not do.
#include "vetset/runtime/elf_file.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/base/temporary.h"
#include "tests/runtime/elf_make.h"
#include "vetset/runtime/elf_search.h"

using namespace vetset;
using vetset::testing::TemporaryFolder;

namespace {

std::string provider() {
  return made::elf({.soname = "libp.so",
                    .needed = {"libcublasLt.so.12", "libc.so.6"},
                    .runpath = "$ORIGIN/../lib:/opt/x",
                    .wanted = {{"libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.28"}}, {"libstdc++.so.6", {"GLIBCXX_3.4.21"}}},
                    .given = {"VERS_1"},
                    .exports = {"OrtGetApiBase"},
                    .imports = {"malloc"},
                    .executable_stack = true,
                    .isa_level = 3,
                    .fatbin = made::fatbin({{{75, false}, {90, true}}, {{75, false}}})});
}

}  // namespace

TEST_CASE("an elf library tells what it needs, gives and asks for") {
  const auto read = read_elf(provider());
  REQUIRE(read);
  CHECK(read->machine == ElfMachine::x86_64);
  CHECK(read->soname == "libp.so");
  CHECK(read->needed == std::vector<std::string>{"libcublasLt.so.12", "libc.so.6"});
  CHECK(read->runpath == std::vector<std::string>{"$ORIGIN/../lib", "/opt/x"});
  CHECK(read->rpath.empty());
  REQUIRE(read->wanted.size() == 2);
  CHECK(read->wanted[0].library == "libc.so.6");
  CHECK(read->wanted[0].names == std::vector<std::string>{"GLIBC_2.2.5", "GLIBC_2.28"});
  CHECK(read->given == std::vector<std::string>{"VERS_1"});
  CHECK(read->executable_stack);
  CHECK(read->isa_level == 3);
  CHECK(to_string(read->gpu) == "sm_75, PTX of sm_90");
  CHECK(read->gpu[0].count == 2);
  std::vector<std::string> symbols;
  each_elf_symbol(provider(), [&](std::string_view name, bool defined) {
    symbols.push_back((defined ? "gives " : "asks ") + std::string(name));
    return true;
  });
  CHECK(symbols == std::vector<std::string>{"gives OrtGetApiBase", "asks malloc"});
}

TEST_CASE("native gpu code runs on its own major version from its minor on, ptx on all that is newer") {
  const std::vector<GpuCode> native{{80, false, 1}, {86, false, 1}};
  CHECK(runs_on(native, 80));
  CHECK(runs_on(native, 89));
  CHECK_FALSE(runs_on(native, 75));
  CHECK_FALSE(runs_on(native, 90));
  CHECK_FALSE(runs_on(native, 120));
  CHECK(runs_on({{80, true, 1}}, 120));
  CHECK_FALSE(runs_on({{90, true, 1}}, 89));
}

TEST_CASE("an elf library cut off or changed anywhere is read or refused, never beyond its end") {
  const std::string whole = provider();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string part(whole, 0, size);  // exact, so that a sanitizer sees a step too far
    const auto read = read_elf(part);
    if (size < sizeof(Elf64_Ehdr)) CHECK_FALSE(read);
    each_elf_symbol(part, [](std::string_view, bool) { return true; });
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[at] = value;
      const auto read = read_elf(changed);
      if (at < 4 && changed[at] != whole[at]) CHECK_FALSE(read);
      each_elf_symbol(changed, [](std::string_view, bool) { return true; });
    }
}

TEST_CASE("libraries are found in the order of the loader") {
  const TemporaryFolder root;
  const std::string lib = made::elf({.soname = "liba.so"});
  const auto user = [&](const std::string& runpath, const std::string& rpath) {
    root.write("app/user.so", made::elf({.needed = {"liba.so"}, .runpath = runpath, .rpath = rpath}));
  };
  root.write("lib64/liba.so", lib);
  root.write("cached/liba.so", lib);
  root.write("run/liba.so", lib);
  root.write("env/liba.so", lib);
  root.write("etc/ld.so.cache", made::ld_cache({{"liba.so", "/cached/liba.so"}}));
  const auto found = [&](std::vector<std::string> path) {
    const RootFiles files(root.path());
    const auto one = LibrarySearch(files, std::move(path)).find("liba.so", "/app/user.so");
    return one ? one->path + " by " + std::string(name(one->by)) : "none";
  };
  user("$ORIGIN/../run", "");
  CHECK(found({"/env"}) == "/env/liba.so by LD_LIBRARY_PATH");
  CHECK(found({}) == "/run/liba.so by RUNPATH");
  user("", "/run");
  CHECK(found({"/env"}) == "/run/liba.so by RPATH");
  user("/nowhere", "/run");  // RUNPATH silences RPATH
  CHECK(found({}) == "/cached/liba.so by ld.so.cache");
  std::filesystem::remove(root / "cached/liba.so");
  CHECK(found({}) == "/lib64/liba.so by the system's folders");
  root.write("lib64/liba.so", made::elf({.soname = "liba.so", .machine = EM_AARCH64}));
  CHECK(found({}) == "none");  // of another machine
}

TEST_CASE("a damaged loader cache is refused") {
  const std::string cache = made::ld_cache({{"liba.so", "/cached/liba.so"}, {"libb.so", "/b"}});
  REQUIRE(read_ld_cache(cache));
  CHECK(read_ld_cache(cache)->at(1).path == "/b");
  const std::string old =
      "ld.so-1.7.0" + std::string(1, '\0') + std::string(4, '\0') + cache;  // behind an empty older one
  REQUIRE(read_ld_cache(old));
  CHECK(read_ld_cache(old)->at(0).name == "liba.so");
  CHECK(read_ld_cache(std::string(cache, 0, 60)).error().message == "is cut off inside its list");
  CHECK(read_ld_cache("no cache").error().message == "expected 'glibc-ld.so.cache1.1' at its beginning");
}

TEST_CASE("links of another root never leave it") {
  const TemporaryFolder root, outside;
  outside.write("secret", "outside");
  root.write("etc/release", "inside");
  std::filesystem::create_symlink("/etc/release", root / "absolute");
  std::filesystem::create_symlink(outside / "secret", root / "away");
  std::filesystem::create_symlink("../../../../../etc/release", root / "etc/up");
  std::filesystem::create_symlink("loop", root / "loop");
  const RootFiles files(root.path());
  CHECK(files.text("/absolute") == "inside");
  CHECK(files.text("/etc/up") == "inside");
  CHECK(files.text("/away").empty());
  CHECK(files.text("/../../" + outside.path() + "/secret").empty());
  CHECK_FALSE(files.real("/loop"));
}
