#include "vetset/dataset/proof_read.h"

#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {
namespace {

std::uint64_t count_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  const double number = value == nullptr || value->type() != JsonType::number ? 0 : value->number();
  return number >= 0 && number <= 9e15 ? static_cast<std::uint64_t>(number) : 0;
}

double number_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  return value == nullptr || value->type() != JsonType::number ? 0 : value->number();
}

std::vector<FileDigest> files_of(const Json& side) {
  std::vector<FileDigest> files;
  const Json* listed = side.find("files");
  if (listed == nullptr) return files;
  for (const Json& file : listed->elements())
    if (const auto digest = parse_digest(file.text_or("digest", "")))
      files.push_back(
          {.path = std::string(file.text_or("path", "")), .bytes = count_of(file, "bytes"), .digest = *digest});
  return files;
}

template <class E>
bool enum_of(std::string_view word, std::size_t count, E& value) {
  for (std::size_t k = 0; k < count; ++k) {
    if (name(static_cast<E>(k)) != word) continue;
    value = static_cast<E>(k);
    return true;
  }
  return false;
}

/// A line whose words another version of the program may not know: then it is left out.
bool line_of(const Json& json, Difference& line, std::vector<std::string>& words) {
  if (!enum_of(json.text_or("field", ""), static_cast<std::size_t>(Field::count), line.field) ||
      !enum_of(json.text_or("verb", ""), static_cast<std::size_t>(Verb::refused) + 1, line.verb) ||
      !enum_of(json.text_or("outcome", ""), static_cast<std::size_t>(Outcome::added) + 1, line.outcome))
    return false;
  const Json* declared = json.find("declared");
  line.declared = declared == nullptr || declared->type() != JsonType::boolean || declared->boolean();
  line.count = count_of(json, "count");
  line.of = count_of(json, "of");
  line.largest = number_of(json, "largest");
  line.bound = number_of(json, "bound");
  if (const Json* example = json.find("example"); example != nullptr) {
    line.where = example->text_or("where", "");
    line.before = example->text_or("before", "");
    line.after = example->text_or("after", "");
  }
  words.emplace_back(json.text_or("unit", ""));
  words.emplace_back(json.text_or("note", ""));
  return true;
}

}  // namespace

Result<ReadProof> ReadProof::parse(std::string_view json, std::string_view name, const Limits& limits) {
  const auto document = Json::parse(json, limits);
  if (!document) return Error(document.error()).in(name);
  const Json* version = document->find("vetset-proof");
  if (version == nullptr || version->type() != JsonType::number)
    return Error{Code::malformed, "is no proof: expected an object with \"vetset-proof\"", std::string(name)};
  if (version->number() != Proof::version)
    return Error{Code::unsupported,
                 "is a proof of version " + std::string(version->text()) + "; this program reads version " +
                     std::to_string(Proof::version),
                 std::string(name)};
  ReadProof read;
  Proof& proof = *read.proof_;
  proof.program = document->text_or("program", "");
  proof.from = document->text_or("from", "");
  proof.to = document->text_or("to", "");
  if (const Json* source = document->find("source"); source != nullptr) {
    proof.source_name = source->text_or("name", "");
    proof.source_files = files_of(*source);
  }
  if (const Json* target = document->find("target"); target != nullptr) {
    proof.target_name = target->text_or("name", "");
    proof.target_files = files_of(*target);
  }
  if (const Json* lines = document->find("lines"); lines != nullptr)
    for (const Json& json_line : lines->elements())
      if (Difference line; line_of(json_line, line, *read.words_)) proof.lines.push_back(std::move(line));
  for (std::size_t k = 0; k < proof.lines.size(); ++k) {
    proof.lines[k].unit = (*read.words_)[2 * k];
    proof.lines[k].note = (*read.words_)[2 * k + 1];
  }
  return read;
}

}  // namespace vetset
