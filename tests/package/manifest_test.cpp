// The manifest: what is written is read again, every field; what breaks a rule is refused with its code.
#include <doctest/doctest.h>

#include "vetset/package/manifest.h"

using namespace vetset;

namespace {

Manifest example() {
  Manifest m;
  m.name = "road/street";
  m.version = "1.2.0-rc.1+build.7";
  m.form = Form::directory;
  m.format = "vetset";
  m.media = "shards";
  m.dataset = R"({"schema":1,"tables":{}})";
  m.dataset_id = sha256("a");
  m.labels_id = sha256("b");
  m.files = {{"media/m-00.tar", 10, sha256("c"), Role::media}, {"tables/samples.parquet", 0, sha256("d"), Role::table}};
  m.writer = "vetset 0.1.0";
  m.parquet = "Arrow 24.0.0";
  m.parents = {{sha256("e"), sha256("f"), "derived"}};
  m.epoch = 1'700'000'000;
  m.rights = R"({"spdx":"CC-BY-4.0"})";
  m.ext = R"({"org.example.notes":{"n":1}})";
  m.unknown = {{"zeta", "[1,2]"}};
  return m;
}

std::string code(std::string_view bytes) {
  const auto parsed = parse_manifest(bytes, Form::directory);
  const auto* problem = std::get_if<ManifestProblem>(&parsed);
  return problem == nullptr ? "OK" : problem->code;
}
std::string words(std::string_view bytes) {
  const auto parsed = parse_manifest(bytes, Form::directory);
  const auto* problem = std::get_if<ManifestProblem>(&parsed);
  return problem == nullptr ? "" : problem->words;
}
std::string with(std::string_view from, std::string_view to) {
  std::string text = to_json(example());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a manifest that is read and written again is the same bytes, with what it does not know") {
  const std::string bytes = to_json(example());
  const auto parsed = parse_manifest(bytes, Form::directory);
  REQUIRE(std::holds_alternative<Manifest>(parsed));
  const Manifest& m = std::get<Manifest>(parsed);
  CHECK(to_json(m) == bytes);
  CHECK(m.parents.size() == 1);
  CHECK(m.parents.front().package_id == sha256("f"));
  CHECK(m.epoch == 1'700'000'000);
  CHECK(m.rights == R"({"spdx":"CC-BY-4.0"})");
  CHECK(m.ext == R"({"org.example.notes":{"n":1}})");
  CHECK(m.writer == "vetset 0.1.0");
  CHECK(m.parquet == "Arrow 24.0.0");
  REQUIRE(m.unknown.size() == 1);
  CHECK(m.unknown.front().first == "zeta");
  Manifest plain = example();
  plain.epoch.reset();
  CHECK(to_json(plain).find("epoch") == std::string::npos);
}

TEST_CASE("numbers are whole and texts are in normal form C, wherever they stand") {
  CHECK(code(with(R"("n":1)", R"("n":1.5)")) == "E_MANIFEST");
  CHECK(code(with(R"([1,2])", R"([1,{"deep":1e400}])")) != "OK");
  CHECK(code(with(R"("n":1)", R"("n":9007199254740993)")) != "OK");
  CHECK(code(with(R"("n":1)", R"("n":9007199254740991)")) == "OK");
  CHECK(code(with("CC-BY-4.0", "Cafe\xCC\x81")) == "E_MANIFEST");
  CHECK(code(with("CC-BY-4.0", "Caf\xC3\xA9")) == "OK");
  CHECK(code(with(R"("epoch":1700000000)", R"("epoch":"1700000000")")) == "E_MANIFEST");
  CHECK(code(with(R"("size":10)", R"("size":-10)")) == "E_MANIFEST");
}

TEST_CASE("digests are lowercase hexadecimal") {
  const std::string digest = sha256("c").hex();
  std::string upper = digest;
  for (char& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 32);
  CHECK(code(with(digest, upper)) == "E_MANIFEST");
  CHECK(code(with(R"("sha256":")" + digest, R"("sha256":"sha256:)" + digest)) == "E_MANIFEST");
  CHECK(code(with("sha256:" + sha256("a").hex(), sha256("a").hex())) == "E_MANIFEST");
}

TEST_CASE("every member of version 1 must be there, and of its type") {
  CHECK(words(with(R"("name":"road/street",)", "")) == "expected 'name', found none");
  CHECK(code(with(R"("parents":[{)", R"("parents":[1,{)")) == "E_MANIFEST");
  CHECK(code(with(R"("role":"derived")", R"("role":"cousin")")) == "E_MANIFEST");
  CHECK(code(with(R"("media":"shards")", R"("media":"cloud")")) == "E_MANIFEST");
  CHECK(code(with("org.example.notes", "notes")) == "E_MANIFEST");
  CHECK(code(with(R"("vetset":"1")", R"("vetset":"2")")) == "E_VERSION");
  CHECK(code(with(R"("critical":[])", R"("critical":["org.example.notes"])")) == "E_CRITICAL");
  CHECK(code(to_json(example()) + "\n") != "OK");
  CHECK(code("[]") == "E_MANIFEST");
  CHECK(code("") == "E_MANIFEST");
}

TEST_CASE("names and versions keep to their rules, and the message says which") {
  for (const char* good : {"street", "road/street-2", "a.b_c", "0"}) CHECK_FALSE(name_problem(good));
  for (const char* bad : {"", "Street", "a//b", "-a", "a-", "a b", "ä", "a/", ".."}) {
    CAPTURE(bad);
    CHECK(name_problem(bad));
  }
  for (const char* good : {"0.1.0", "1.2.3-rc.1", "1.2.3+build.007", "10.20.30-0a"}) {
    CAPTURE(good);
    CHECK_FALSE(version_problem(good));
  }
  for (const char* bad :
       {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "v1.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-ä"}) {
    CAPTURE(bad);
    CHECK(version_problem(bad));
  }
  CHECK(version_problem("2")->find("SemVer") != std::string::npos);
}

TEST_CASE("a sealed folder's manifest lists its tables, and never itself or what was said about it") {
  CHECK(is_own_path(Form::sealed, ".vetset/vetset.json"));
  CHECK(is_own_path(Form::sealed, ".vetset/attest/a.json"));
  CHECK_FALSE(is_own_path(Form::sealed, ".vetset/tables/samples.parquet"));
  CHECK_FALSE(is_own_path(Form::sealed, ".vetset/evidence/audit.json"));
  CHECK(is_own_path(Form::directory, ".vetset/tables/samples.parquet"));
  CHECK(is_own_path(Form::directory, "attest/a.json"));
  CHECK_FALSE(is_own_path(Form::directory, "tables/samples.parquet"));
}
