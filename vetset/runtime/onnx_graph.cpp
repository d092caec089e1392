#include "vetset/runtime/onnx_graph.h"

#include <algorithm>
#include <cstring>

#include "vetset/base/number.h"
#include "vetset/runtime/proto_walk.h"

namespace vetset {
namespace {

constexpr int deepest = 32;  // graphs within graphs

/// Counts of a tensor's values that are no numbers, 16, 32 or 64 bits each, by exponent and mantissa.
template <class Bits>
void count_odd(std::string_view raw, Bits exponent, Bits mantissa, OnnxOddWeights& odd) {
  for (std::size_t i = 0; i + sizeof(Bits) <= raw.size(); i += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, raw.data() + i, sizeof bits);
    if ((bits & exponent) != exponent) continue;
    ++((bits & mantissa) != 0 ? odd.nan : odd.infinite);
  }
}

class GraphReader {
 public:
  explicit GraphReader(OnnxGraph& out) : out_(out) {}

  void model(std::string_view bytes) {
    ProtoWalk walk(bytes, 0);
    while (walk.next())
      if (walk.field().number == 7) graph(walk.message().bytes, 0);
    note(walk);
  }
  const Error& error() const { return error_; }
  bool failed() const { return failed_; }

 private:
  void note(const ProtoWalk& walk) {
    if (!walk.failed() || failed_) return;
    failed_ = true;
    error_ = walk.error();
  }

  void graph(std::string_view bytes, int depth) {
    if (depth > deepest) return;
    ProtoWalk walk(bytes, 0);
    while (walk.next()) {
      switch (walk.field().number) {
        case 1: node(walk.message().bytes, depth); break;
        case 5: weights(walk.message().bytes); break;
        case 12:
          if (depth == 0) out_.given.push_back(first_text(walk.message().bytes));
          // What an inner graph gives is used by its node.
          else
            out_.consumed.push_back(first_text(walk.message().bytes));
          break;
        default: break;
      }
    }
    note(walk);
  }

  std::string first_text(std::string_view message) {
    ProtoWalk walk(message, 0);
    std::string text;
    while (walk.next())
      if (walk.field().number == 1) text = walk.message().bytes;
    note(walk);
    return text;
  }

  void node(std::string_view bytes, int depth) {
    OnnxNode node;
    ProtoWalk walk(bytes, 0);
    while (walk.next()) {
      switch (walk.field().number) {
        case 1: node.inputs.emplace_back(walk.message().bytes); break;
        case 2: node.outputs.emplace_back(walk.message().bytes); break;
        case 3: node.name = walk.message().bytes; break;
        case 4: node.op = walk.message().bytes; break;
        case 5: attribute(walk.message().bytes, node, depth); break;
        case 7: node.domain = walk.message().bytes; break;
        default: break;
      }
    }
    note(walk);
    if (node.domain == "ai.onnx") node.domain.clear();
    out_.consumed.insert(out_.consumed.end(), node.inputs.begin(), node.inputs.end());
    if (depth == 0) out_.nodes.push_back(std::move(node));
  }

  void attribute(std::string_view bytes, OnnxNode& node, int depth) {
    std::string name, value;
    bool told = false;
    ProtoWalk walk(bytes, 0);
    while (walk.next()) {
      const ProtoField& field = walk.field();
      switch (field.number) {
        case 1: name = walk.message().bytes; break;
        case 2:  // a float, four bytes
          if (float number = 0; field.wire == 5) {
            std::memcpy(&number, field.bytes.data(), sizeof number);
            value.clear();
            append_number(value, static_cast<double>(number));
            told = true;
          }
          break;
        case 3:
          value = std::to_string(walk.integer());
          told = true;
          break;
        case 4:
          value = walk.message().bytes;
          told = true;
          break;
        case 6:
        case 11: graph(walk.message().bytes, depth + 1); break;
        default: break;
      }
    }
    note(walk);
    if (told) node.attributes.emplace_back(std::move(name), std::move(value));
  }

  void weights(std::string_view bytes) {
    OnnxOddWeights odd;
    std::int64_t type = 0;
    std::string_view raw, floats, doubles;
    ProtoWalk walk(bytes, 0);
    while (walk.next()) {
      const ProtoField& field = walk.field();
      switch (field.number) {
        case 2: type = walk.integer(); break;
        case 4:
          if (field.wire == 2) floats = field.bytes;
          break;
        case 8: odd.name = walk.message().bytes; break;
        case 9: raw = walk.message().bytes; break;
        case 10:
          if (field.wire == 2) doubles = field.bytes;
          break;
        default: break;
      }
    }
    note(walk);
    switch (type) {
      case 1: count_odd<std::uint32_t>(raw.empty() ? floats : raw, 0x7f800000, 0x007fffff, odd); break;
      case 10: count_odd<std::uint16_t>(raw, 0x7c00, 0x03ff, odd); break;
      case 16: count_odd<std::uint16_t>(raw, 0x7f80, 0x007f, odd); break;
      case 11:
        count_odd<std::uint64_t>(raw.empty() ? doubles : raw, 0x7ff0000000000000, 0x000fffffffffffff, odd);
        break;
      default: break;
    }
    if (odd.nan + odd.infinite > 0) out_.odd.push_back(std::move(odd));
  }

  OnnxGraph& out_;
  bool failed_ = false;
  Error error_;
};

}  // namespace

std::string_view OnnxNode::attribute(std::string_view key) const {
  for (const auto& [its_key, value] : attributes)
    if (its_key == key) return value;
  return {};
}

const OnnxNode* OnnxGraph::giver(std::string_view value) const {
  for (const OnnxNode& node : nodes)
    if (std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end()) return &node;
  return nullptr;
}

Result<OnnxGraph> read_onnx_graph(std::string_view bytes) {
  OnnxGraph graph;
  GraphReader reader(graph);
  reader.model(bytes);
  if (reader.failed()) return reader.error();
  std::sort(graph.consumed.begin(), graph.consumed.end());
  graph.consumed.erase(std::unique(graph.consumed.begin(), graph.consumed.end()), graph.consumed.end());
  return graph;
}

}  // namespace vetset
