// One small typed language for conditions, the same wherever vetset takes one: class == "car" and box.width < 8. It
// knows no domain: the caller gives a table of fields and answers for one row at a time. A value that is not said makes
// neither yes nor no (three-valued logic), and only "== null" tells it. docs/guide/expressions.md is its page.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

enum class ExprType : std::uint8_t {
  nothing,   // null: not said
  truth,     // true, false
  number,    // a double
  text,      // UTF-8; equal where the normal forms C are
  texts,     // several at once: equal where any is
  anything,  // known only row by row
};
std::string_view name(ExprType);

/// What one field of one row says. Views must live as long as the row is asked.
class ExprValue {
 public:
  ExprValue() = default;
  static ExprValue of(bool truth);
  static ExprValue of(double number);  // NaN: not said
  static ExprValue view(std::string_view text);
  static ExprValue own(std::string text);
  static ExprValue view(std::span<const std::string_view> texts);  // none at all: not said

  ExprType type() const { return type_; }
  bool truth() const { return truth_; }
  double number() const { return number_; }
  std::string_view text() const { return owns_ ? std::string_view(owned_) : text_; }
  std::span<const std::string_view> texts() const { return texts_; }

 private:
  ExprType type_ = ExprType::nothing;
  bool truth_ = false, owns_ = false;
  double number_ = 0;
  std::string_view text_;
  std::span<const std::string_view> texts_;
  std::string owned_;
};

struct ExprField {
  std::string_view name;  // "box.width"; "attribute.*": any name below
  ExprType type;
  std::string_view about;  // for people: "width of its box, in pixels"
};
struct ExprTable {
  std::span<const ExprField> fields;
  const ExprTable* counted = nullptr;  // the rows that count(...) counts; null: it counts nothing here
  std::string_view where_listed = {};  // for messages: "'vetset transform --fields' lists them"
};

/// One row, as the caller sees it.
class ExprRow {
 public:
  virtual ~ExprRow() = default;
  /// Of the field at that place in the table; `rest` is what stands in place of "*".
  virtual ExprValue value(std::size_t field, std::string_view rest) const = 0;
  /// How many of the rows that belong to this one hold.
  virtual std::uint64_t count(const std::function<bool(const ExprRow&)>& holds) const;
};

/// A condition that was read and whose types fit.
class Expr {
 public:
  /// Errors have a column and say what was found and what was expected.
  static Result<Expr> parse(std::string_view text, const ExprTable& table);
  /// Whether the condition is true; not where it is false, and not where it is not said.
  bool holds(const ExprRow& row) const;
  const std::string& text() const { return text_; }

  static constexpr std::size_t longest = 65536;  // bytes
  static constexpr std::uint32_t deepest = 100;

 private:
  friend class ExprParser;
  friend class ExprEvaluator;
  enum class Op : std::uint8_t {
    literal,
    field,
    count,
    all_of,
    any_of,
    negation,
    equal,
    unequal,
    less,
    less_equal,
    greater,
    greater_equal,
    said,
    not_said,
    in,
    like,
    plus,
    minus,
    times,
    divided,
    negative,
  };
  struct Node {
    Op op = Op::literal;
    ExprType type = ExprType::nothing;
    std::uint32_t depth = 1;
    std::size_t field = 0;
    std::string rest;                 // of a field "x.*"; the pattern of `like`
    ExprValue value;                  // of a literal
    std::vector<std::uint32_t> kids;  // their places in nodes_
  };

  std::string text_;
  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
};

}  // namespace vetset
