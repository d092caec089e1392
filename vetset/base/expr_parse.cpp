// Reads conditions: words, then a descent through or, and, not, comparison, sum, product. Types are settled here, so
// that a condition that was read always has an answer.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "vetset/base/expr.h"
#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

struct Token {
  enum class Kind : std::uint8_t { end, name, number, text, sign, broken };
  Kind kind = Kind::end;
  std::string_view raw;  // as it stands
  std::string text;      // of a name or a text; of what is broken, why
  double number = 0;
  std::size_t at = 0;  // its byte
};

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

constexpr std::array<std::string_view, 8> keywords = {"and", "or", "not", "in", "like", "true", "false", "null"};

/// Cuts the text into words, one ahead.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { step(); }
  const Token& next() const { return token_; }
  Token take() {
    Token taken = std::move(token_);
    step();
    return taken;
  }

 private:
  void step() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
    token_ = {.kind = Token::Kind::end, .raw = {}, .text = {}, .number = 0, .at = at_};
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (begins_name(c))
      name();
    else if (c >= '0' && c <= '9')
      number();
    else if (c == '"' || c == '\'')
      quoted(token_.text, Token::Kind::text);
    else
      sign();
    token_.raw = text_.substr(token_.at, at_ - token_.at);
  }

  /// "box.width", "attribute.weather", "attribute.\"road type\"".
  void name() {
    token_.kind = Token::Kind::name;
    for (;;) {
      while (at_ < text_.size() && continues_name(text_[at_])) token_.text += text_[at_++];
      if (at_ + 1 >= text_.size() || text_[at_] != '.') return;
      const char after = text_[at_ + 1];
      if (!continues_name(after) && after != '"' && after != '\'') return;
      token_.text += text_[at_++];
      if (continues_name(after)) continue;
      quoted(token_.text, Token::Kind::name);
      return;
    }
  }

  void number() {
    const NumberText read = read_number(text_.substr(at_));
    at_ += std::max<std::size_t>(read.length, 1);
    token_.kind = Token::Kind::number;
    token_.number = read.value;
    if (read.length == 0 || (at_ < text_.size() && (continues_name(text_[at_]) || text_[at_] == '.'))) {
      while (at_ < text_.size() && (continues_name(text_[at_]) || text_[at_] == '.')) ++at_;
      broken("expected a number such as 12, 0.5 or 1e-3");
    }
  }

  void quoted(std::string& out, Token::Kind kind) {
    const char quote = text_[at_++];
    token_.kind = kind;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == quote) {
        ++at_;
        return;
      }
      if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\')) c = text_[++at_];
      out += c;
    }
    broken(std::string("expected a closing ") + quote);
  }

  void sign() {
    constexpr std::array<std::string_view, 19> signs = {"==", "!=", "<=", ">=", "<>", "&&", "||", "=", "<", ">",
                                                        "+",  "-",  "*",  "/",  "(",  ")",  ",",  "!", "%"};
    token_.kind = Token::Kind::sign;
    for (const std::string_view s : signs)
      if (text_.substr(at_).starts_with(s)) {
        at_ += s.size();
        return;
      }
    do ++at_;
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xc0U) == 0x80);
    broken("expected a field, a value or a sign");
  }

  void broken(std::string why) {
    token_.kind = Token::Kind::broken;
    token_.text = std::move(why);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
};

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 40;
  return "'" + printable(text.substr(0, most)) + (text.size() > most ? "…" : "") + "'";
}

/// What a sign of other languages is called here.
std::optional<std::string_view> in_our_words(const Token& token) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> others = {
      {{"=", "=="}, {"&&", "and"}, {"||", "or"}, {"!", "not"}, {"<>", "!="}}};
  for (const auto& [theirs, ours] : others)
    if (token.kind == Token::Kind::sign && token.raw == theirs) return ours;
  return std::nullopt;
}

std::string found(const Token& token) { return token.kind == Token::Kind::end ? "the end" : quoted(token.raw); }

}  // namespace

class ExprParser {
 public:
  ExprParser(std::string_view text, const ExprTable& table) : text_(text), lexer_(text), table_(&table) {
    expr_.text_ = text;
  }

  Result<Expr> parse() {
    VETSET_TRY(expr_.root_, condition());
    if (lexer_.next().kind != Token::Kind::end) return surprise("'and', 'or' or the end");
    return std::move(expr_);
  }

 private:
  using Op = Expr::Op;
  using Node = Expr::Node;
  using At = Result<std::uint32_t>;

  Error error(std::size_t at, std::string message) const {
    return {Code::usage, std::move(message), {}, 1, static_cast<std::uint32_t>(at + 1)};
  }
  /// What stands next is not what was expected.
  Error surprise(std::string_view expected) const {
    const Token& next = lexer_.next();
    if (next.kind == Token::Kind::broken) return error(next.at, next.text + ", found " + found(next));
    if (const auto ours = in_our_words(next))
      return error(next.at, "expected '" + std::string(*ours) + "', found " + found(next));
    return error(next.at, "expected " + std::string(expected) + ", found " + found(next));
  }

  bool is_sign(std::string_view sign) const {
    return lexer_.next().kind == Token::Kind::sign && lexer_.next().raw == sign;
  }
  bool is_word(std::string_view word) const {
    return lexer_.next().kind == Token::Kind::name && lexer_.next().raw == word;
  }
  bool take_sign(std::string_view sign) { return is_sign(sign) && (lexer_.take(), true); }
  bool take_word(std::string_view word) { return is_word(word) && (lexer_.take(), true); }

  At add(std::size_t at, Node node) {
    for (const std::uint32_t kid : node.kids) node.depth = std::max(node.depth, expr_.nodes_[kid].depth + 1);
    if (node.depth > Expr::deepest) return too_deep(at);
    expr_.nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(expr_.nodes_.size() - 1);
  }
  Error too_deep(std::size_t at) const {
    return error(at, "is nested deeper than " + std::to_string(Expr::deepest) + " levels");
  }
  ExprType type(std::uint32_t at) const { return expr_.nodes_[at].type; }

  /// What stands from `from` up to here must be of one of the types.
  Result<void> need(std::uint32_t node, std::size_t from, std::initializer_list<ExprType> types,
                    std::string_view expected) const {
    const ExprType seen = type(node);
    if (seen == ExprType::anything || std::find(types.begin(), types.end(), seen) != types.end()) return {};
    std::string_view stands = text_.substr(from, std::max(lexer_.next().at, from) - from);
    while (stands.ends_with(' ')) stands.remove_suffix(1);
    return error(from, "expected " + std::string(expected) + ", found " + quoted(stands) + ", which is " +
                           (seen == ExprType::nothing ? "" : "a ") + std::string(name(seen)));
  }

  struct Level {
    std::uint32_t& depth;
    ~Level() { --depth; }
  };

  At condition() {
    const std::size_t from = lexer_.next().at;
    if (++depth_ > Expr::deepest) return too_deep(from);
    const Level level{depth_};
    VETSET_TRY(const std::uint32_t all, chain(Op::any_of, "or"));
    VETSET_DO(need(all, from, {ExprType::truth}, "a condition such as class == \"car\""));
    return all;
  }

  /// a or b or c, each an "and" of others.
  At chain(Op op, std::string_view word) {
    const std::size_t from = lexer_.next().at;
    const auto link = [&]() -> At { return op == Op::any_of ? chain(Op::all_of, "and") : negation(); };
    VETSET_TRY(const std::uint32_t first, link());
    if (!is_word(word)) return first;
    Node node{.op = op, .type = ExprType::truth, .kids = {first}};
    VETSET_DO(need(first, from, {ExprType::truth}, "a condition before '" + std::string(word) + "'"));
    while (take_word(word)) {
      const std::size_t at = lexer_.next().at;
      VETSET_TRY(const std::uint32_t next, link());
      VETSET_DO(need(next, at, {ExprType::truth}, "a condition after '" + std::string(word) + "'"));
      node.kids.push_back(next);
    }
    return add(from, std::move(node));
  }

  At negation() {
    const std::size_t from = lexer_.next().at;
    if (!take_word("not")) return comparison();
    if (++depth_ > Expr::deepest) return too_deep(from);
    const Level level{depth_};
    const std::size_t at = lexer_.next().at;
    VETSET_TRY(const std::uint32_t inner, negation());
    VETSET_DO(need(inner, at, {ExprType::truth}, "a condition after 'not'"));
    return add(from, {.op = Op::negation, .type = ExprType::truth, .kids = {inner}});
  }

  std::optional<Op> take_comparison() {
    constexpr std::array<std::pair<std::string_view, Op>, 6> signs = {{{"==", Op::equal},
                                                                       {"!=", Op::unequal},
                                                                       {"<", Op::less},
                                                                       {"<=", Op::less_equal},
                                                                       {">", Op::greater},
                                                                       {">=", Op::greater_equal}}};
    for (const auto& [sign, op] : signs)
      if (take_sign(sign)) return op;
    return std::nullopt;
  }

  At comparison() {
    const std::size_t from = lexer_.next().at;
    VETSET_TRY(const std::uint32_t left, sum());
    const std::size_t at = lexer_.next().at;
    if (in_our_words(lexer_.next()) || lexer_.next().kind == Token::Kind::broken) return surprise("a comparison");
    if (const auto op = take_comparison()) {
      VETSET_TRY(const std::uint32_t both, compared(left, *op, from, at));
      const std::size_t again = lexer_.next().at;
      if (take_comparison()) return error(again, "comparisons do not chain; expected a < b and b < c");
      return both;
    }
    const bool turned = take_word("not");
    At test = take_word("in")     ? in(left, from)
              : take_word("like") ? like(left, from)
              : turned            ? At(surprise("'in' or 'like' after 'not'"))
                                  : At(left);
    if (!test || !turned) return test;
    return add(from, {.op = Op::negation, .type = ExprType::truth, .kids = {*test}});
  }

  At compared(std::uint32_t left, Op op, std::size_t from, std::size_t at) {
    const std::size_t right_from = lexer_.next().at;
    VETSET_TRY(const std::uint32_t right, sum());
    if (type(left) == ExprType::nothing || type(right) == ExprType::nothing) {
      if (op != Op::equal && op != Op::unequal) return error(at, "null is compared with == or != only");
      const std::uint32_t other = type(left) == ExprType::nothing ? right : left;
      return add(from, {.op = op == Op::equal ? Op::not_said : Op::said, .type = ExprType::truth, .kids = {other}});
    }
    const auto shape = [](ExprType t) { return t == ExprType::texts ? ExprType::text : t; };
    if (op != Op::equal && op != Op::unequal) {
      VETSET_DO(need(left, from, {ExprType::number, ExprType::text}, "a number or a text"));
      VETSET_DO(need(right, right_from, {ExprType::number, ExprType::text}, "a number or a text"));
    }
    const ExprType a = shape(type(left)), b = shape(type(right));
    if (a != b && a != ExprType::anything && b != ExprType::anything)
      VETSET_DO(need(right, right_from, {a}, "a " + std::string(name(a)) + " to compare with"));
    return add(from, {.op = op, .type = ExprType::truth, .kids = {left, right}});
  }

  /// A literal in a list.
  At member() {
    const std::size_t at = lexer_.next().at;
    const bool minus = take_sign("-");
    const Token& next = lexer_.next();
    if (minus && next.kind != Token::Kind::number) return surprise("a number after '-'");
    if (next.kind == Token::Kind::number) {
      const double number = lexer_.take().number;
      return add(at, {.type = ExprType::number, .value = ExprValue::of(minus ? -number : number)});
    }
    if (next.kind == Token::Kind::text)
      return add(at, {.type = ExprType::text, .value = ExprValue::own(lexer_.take().text)});
    if (is_word("true") || is_word("false"))
      return add(at, {.type = ExprType::truth, .value = ExprValue::of(lexer_.take().raw == "true")});
    return surprise("a text in quotes or a number");
  }

  At in(std::uint32_t left, std::size_t from) {
    Node node{.op = Op::in, .type = ExprType::truth, .kids = {left}};
    if (type(left) == ExprType::nothing) return error(from, "null is compared with == or != only");
    if (!take_sign("(")) return surprise("'(' and a list such as (\"train\", \"val\")");
    do {
      const std::size_t at = lexer_.next().at;
      VETSET_TRY(const std::uint32_t one, member());
      const ExprType wanted = type(left) == ExprType::texts ? ExprType::text : type(left);
      if (wanted != ExprType::anything)
        VETSET_DO(need(one, at, {wanted}, "a " + std::string(name(wanted)) + " in this list"));
      node.kids.push_back(one);
    } while (take_sign(","));
    if (!take_sign(")")) return surprise("',' or ')'");
    return add(from, std::move(node));
  }

  At like(std::uint32_t left, std::size_t from) {
    VETSET_DO(need(left, from, {ExprType::text, ExprType::texts}, "a text before 'like'"));
    if (lexer_.next().kind != Token::Kind::text) return surprise("a pattern such as \"night/*\"");
    return add(from, {.op = Op::like, .type = ExprType::truth, .rest = lexer_.take().text, .kids = {left}});
  }

  /// Left to right: a + b - c, a * b / c.
  At operations(std::array<std::pair<std::string_view, Op>, 2> signs, At (ExprParser::*part)()) {
    const std::size_t from = lexer_.next().at;
    VETSET_TRY(std::uint32_t left, (this->*part)());
    for (;;) {
      const bool first = is_sign(signs[0].first);
      if (!first && !is_sign(signs[1].first)) return left;
      const std::string sign(lexer_.next().raw);
      VETSET_DO(need(left, from, {ExprType::number}, "a number before '" + sign + "'"));
      lexer_.take();
      const std::size_t at = lexer_.next().at;
      VETSET_TRY(const std::uint32_t right, (this->*part)());
      VETSET_DO(need(right, at, {ExprType::number}, "a number after '" + sign + "'"));
      VETSET_TRY(left, add(from, {.op = signs[first ? 0 : 1].second, .type = ExprType::number, .kids = {left, right}}));
    }
  }
  At sum() { return operations({{{"+", Op::plus}, {"-", Op::minus}}}, &ExprParser::product); }
  At product() { return operations({{{"*", Op::times}, {"/", Op::divided}}}, &ExprParser::operand); }

  At operand() {
    const std::size_t at = lexer_.next().at;
    if (++depth_ > Expr::deepest) return too_deep(at);
    const Level level{depth_};
    if (take_sign("-")) {
      const std::size_t inner_at = lexer_.next().at;
      VETSET_TRY(const std::uint32_t inner, operand());
      VETSET_DO(need(inner, inner_at, {ExprType::number}, "a number after '-'"));
      return add(at, {.op = Op::negative, .type = ExprType::number, .kids = {inner}});
    }
    if (take_sign("(")) {
      VETSET_TRY(const std::uint32_t inner, chain(Op::any_of, "or"));
      if (!take_sign(")")) return surprise("')'");
      return inner;
    }
    if (take_word("null")) return add(at, {});
    if (lexer_.next().kind != Token::Kind::name || is_word("true") || is_word("false")) {
      const Token& next = lexer_.next();
      const bool value =
          next.kind == Token::Kind::number || next.kind == Token::Kind::text || is_word("true") || is_word("false");
      return value ? member() : At(surprise("a field or a value"));
    }
    if (std::find(keywords.begin(), keywords.end(), lexer_.next().raw) != keywords.end())
      return surprise("a field or a value");
    const Token word = lexer_.take();
    if (word.raw == "count" && is_sign("(")) return count(at);
    return field(word);
  }

  At count(std::size_t at) {
    if (table_->counted == nullptr) return error(at, "count(…) has nothing to count here");
    lexer_.take();
    Node node{.op = Op::count, .type = ExprType::number};
    if (!is_sign(")")) {
      const ExprTable* const outer = std::exchange(table_, table_->counted);
      At inner = condition();
      table_ = outer;
      if (!inner) return inner;
      node.kids = {*inner};
    }
    if (!take_sign(")")) return surprise("')'");
    return add(at, std::move(node));
  }

  At field(const Token& word) {
    for (std::size_t f = 0; f < table_->fields.size(); ++f) {
      const ExprField& known = table_->fields[f];
      const bool open = known.name.ends_with('*');
      const std::string_view stem = open ? known.name.substr(0, known.name.size() - 1) : known.name;
      if (open ? word.text.size() > stem.size() && word.text.starts_with(stem) : word.text == stem)
        return add(word.at, {.op = Op::field,
                             .type = known.type,
                             .field = f,
                             .rest = open ? word.text.substr(stem.size()) : std::string()});
    }
    std::vector<std::string> names;
    for (const ExprField& known : table_->fields) names.emplace_back(known.name);
    std::string hint = did_you_mean(word.text, names);
    if (hint.empty() && word.at > 0) hint = "; a text stands in quotes: \"" + printable(word.text) + "\"";
    if (hint.empty() && !table_->where_listed.empty()) hint = "; " + std::string(table_->where_listed);
    return error(word.at, "no field is called " + quoted(word.text) + hint);
  }

  std::string_view text_;
  Lexer lexer_;
  const ExprTable* table_;
  Expr expr_;
  std::uint32_t depth_ = 0;
};

Result<Expr> Expr::parse(std::string_view text, const ExprTable& table) {
  if (text.size() > longest)
    return Error{Code::limit, "an expression of " + std::to_string(text.size()) + " bytes, expected at most " +
                                  std::to_string(longest)};
  if (const auto bad = invalid_utf8(text))
    return Error{Code::usage, "is not UTF-8", {}, 1, static_cast<std::uint32_t>(*bad + 1)};
  return ExprParser(text, table).parse();
}

}  // namespace vetset
