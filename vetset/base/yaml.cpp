#include "vetset/base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "vetset/base/json.h"
#include "vetset/base/yaml_extent.h"

namespace vetset {
namespace {

constexpr std::size_t most_nodes = 1'000'000;

/// Builds the tree from what yaml-cpp announces. It cannot stop the parser, so after the first error it only listens.
class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder(std::string_view text, std::size_t mark_shift, std::uint32_t depth)
      : text_(text), shift_(mark_shift), most_depth_(depth) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { take(node(Yaml::Type::null, mark), anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (error_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return fail(Code::malformed, "expected an alias to something before it", mark);
    nodes_ += found->second.nodes;
    if (nodes_ > most_nodes) return fail(Code::limit, "its aliases multiply to more than 1000000 values", mark);
    Yaml copy = found->second.value;
    const Yaml place = node(copy.type, mark);
    copy.line = place.line;
    copy.column = place.column;
    copy.begin = copy.end = place.begin;
    place_value(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Yaml scalar = node(Yaml::Type::scalar, mark);
    scalar.text = value;
    scalar.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    take(std::move(scalar), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node(Yaml::Type::sequence, mark), anchor, mark);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node(Yaml::Type::mapping, mark), anchor, mark);
  }
  void OnMapEnd() override { close(); }

  const std::optional<Error>& error() const { return error_; }
  Yaml take_root() { return std::move(root_); }

 private:
  struct Open {
    Yaml value;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    std::optional<Yaml> key;  // of a mapping: read, its value not yet
  };
  struct Anchored {
    Yaml value;
    std::size_t nodes = 0;
  };

  Yaml node(Yaml::Type type, const YAML::Mark& mark) const {
    Yaml made;
    made.type = type;
    if (mark.pos < 0) return made;
    made.line = static_cast<std::uint32_t>(mark.line + 1);
    made.column = static_cast<std::uint32_t>(mark.column + 1);
    made.begin = made.end = std::min(static_cast<std::size_t>(mark.pos) + shift_, text_.size());
    return made;
  }

  void fail(Code code, std::string message, const YAML::Mark& mark) {
    const Yaml place = node(Yaml::Type::null, mark);
    error_ = Error{code, std::move(message), {}, place.line, place.column};
  }

  void take(Yaml value, YAML::anchor_t anchor) {
    if (error_) return;
    ++nodes_;
    if (nodes_ > most_nodes) {
      error_ = Error{Code::limit, "found more than 1000000 values", {}, value.line, value.column};
      return;
    }
    if (anchor != 0) anchors_[anchor] = {value, 1};
    place_value(std::move(value));
  }

  void open(Yaml value, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (error_) return;
    if (open_.size() >= most_depth_) {
      return fail(Code::limit, "found more than " + std::to_string(most_depth_) + " levels of nesting", mark);
    }
    open_.push_back({std::move(value), anchor, nodes_, {}});
    ++nodes_;
  }

  void close() {
    if (error_) return;
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = {done.value, nodes_ - done.nodes_before};
    place_value(std::move(done.value));
  }

  void place_value(Yaml value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.value.type == Yaml::Type::sequence) {
      parent.value.items.push_back(std::move(value));
    } else if (!parent.key) {
      parent.key = std::move(value);
    } else {
      parent.value.entries.emplace_back(*std::exchange(parent.key, {}), std::move(value));
    }
  }

  std::string_view text_;
  std::size_t shift_;  // bytes of the text before yaml-cpp's first
  std::uint32_t most_depth_;
  std::size_t nodes_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  Yaml root_;
  std::optional<Error> error_;
};

/// The first byte that YAML forbids, of those yaml-cpp would stumble over in silence (0x04 ends its stream).
std::optional<std::size_t> forbidden_byte(std::string_view text) {
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
  });
  if (bad == text.end()) return {};
  return static_cast<std::size_t>(bad - text.begin());
}

}  // namespace

Yaml::Yaml() = default;
Yaml::Yaml(const Yaml&) = default;
Yaml::Yaml(Yaml&&) noexcept = default;
Yaml& Yaml::operator=(const Yaml&) = default;
Yaml& Yaml::operator=(Yaml&&) noexcept = default;
Yaml::~Yaml() = default;

const Yaml* Yaml::find(std::string_view key) const {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& e) { return e.first.type == Type::scalar && e.first.text == key; });
  return entry == entries.end() ? nullptr : &entry->second;
}

bool Yaml::is_null() const { return python_type() == "null"; }

Result<Yaml> parse_yaml(std::string_view text, const Limits& limits) {
  if (text.size() > limits.value_bytes) {
    return Error{Code::limit, "found " + std::to_string(text.size()) + " bytes of YAML, expected at most " +
                                  std::to_string(limits.value_bytes)};
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return Error{Code::malformed, "expected UTF-8, found UTF-16 (save it as UTF-8)", {}, 1, 1};
  }
  if (const auto bad = forbidden_byte(text)) {
    const LineColumn place = line_column(text, *bad);
    return Error{Code::malformed, "expected text, found a control character", {}, place.line, place.column};
  }
  const std::size_t bom = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  YamlBuilder builder(text, bom, limits.depth);
  try {
    std::istringstream stream{std::string(text.substr(bom))};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (!builder.error() && parser.HandleNextDocument(builder)) {
      return Error{Code::malformed, "found a second document, expected one"};
    }
  } catch (const YAML::Exception& e) {
    if (builder.error()) return *builder.error();
    Error error{Code::malformed, "is not YAML: " + e.msg};
    if (!e.mark.is_null()) {
      error.line = static_cast<std::uint32_t>(e.mark.line + 1);
      error.column = static_cast<std::uint32_t>(e.mark.column + 1);
    }
    return error;
  }
  if (builder.error()) return *builder.error();
  Yaml root = builder.take_root();
  find_ends(root, text);
  return root;
}

}  // namespace vetset
