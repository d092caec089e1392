#include "vetset/scan/store.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace vetset {
namespace {

namespace fs = std::filesystem;

constexpr int application_id = 0x56534654;  // "VSFT", in the file's header
constexpr int store_version = 1;
constexpr int patience_ms = 5000;                        // for another run that is writing
constexpr std::int64_t largest = std::int64_t{3} << 30;  // bytes; beyond, the oldest quarter goes

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS facts (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL, recipe BLOB NOT NULL, added INTEGER NOT NULL, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY, place BLOB NOT NULL, bytes INTEGER NOT NULL, inode INTEGER NOT NULL,
  changed INTEGER NOT NULL, modified INTEGER NOT NULL, digest BLOB NOT NULL);
)";

/// SQLite's integers have a sign; the bits are what counts.
sqlite3_int64 as_integer(std::uint64_t bits) { return static_cast<sqlite3_int64>(bits); }

std::string bytes_of(const Digest& digest) { return {digest.bytes.begin(), digest.bytes.end()}; }

std::string bytes_of(const Hash128& hash) {
  std::string bytes;
  for (const std::uint64_t word : {hash.high, hash.low})
    for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>(word >> (8 * i) & 255U);
  return bytes;
}

/// Facts are found by the beginning of their digest, mixed with the recipe; two that meet there are told apart by the
/// whole, and the later one stays.
sqlite3_int64 row_of(const Digest& digest, const Hash128& recipe) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | digest.bytes[i];
  return as_integer(word ^ recipe.low);
}

std::int64_t today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// A statement, and what is bound to it until it is done.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, const char* sql) {
    sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw_, nullptr);
  }
  Statement(Statement&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Statement() { sqlite3_finalize(raw_); }

  explicit operator bool() const { return raw_ != nullptr; }
  Statement& number(int at, sqlite3_int64 value) {
    sqlite3_bind_int64(raw_, at, value);
    return *this;
  }
  /// Looked at until `reset`.
  Statement& blob(int at, const std::string& bytes) {
    sqlite3_bind_blob64(raw_, at, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }
  int step() { return sqlite3_step(raw_); }
  void reset() {
    sqlite3_reset(raw_);
    sqlite3_clear_bindings(raw_);
  }
  std::string_view text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw_, column));
    return {bytes == nullptr ? "" : bytes, static_cast<std::size_t>(sqlite3_column_bytes(raw_, column))};
  }
  sqlite3_int64 whole(int column) const { return sqlite3_column_int64(raw_, column); }

 private:
  sqlite3_stmt* raw_ = nullptr;
};

bool is_broken(int code) { return (code & 255) == SQLITE_CORRUPT || (code & 255) == SQLITE_NOTADB; }

}  // namespace

struct FactsStore::State {
  std::string path;
  Hash128 recipe;
  sqlite3* db = nullptr;  // null: nothing is remembered
  bool writes = true;
  Statement find_file, find_facts, put_file, put_facts;
  std::vector<std::string> notes;
  std::mutex mutex;

  ~State() { close(); }

  void close() {
    for (Statement* statement : {&find_file, &find_facts, &put_file, &put_facts}) *statement = Statement();
    sqlite3_close(db);
    db = nullptr;
  }

  void note(const std::string& what) { notes.push_back("the store of facts at " + path + " " + what); }

  int run(const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

  /// The number that a PRAGMA or a count gives; the error's code is negative.
  std::int64_t ask(const char* sql) {
    Statement statement(db, sql);
    const int code = statement ? statement.step() : sqlite3_errcode(db);
    return code == SQLITE_ROW ? statement.whole(0) : -std::int64_t{code & 255};
  }

  enum class Opened { well, broken, no };
  Opened open() {
    const int code =
        sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) return refuse("cannot be opened (" + std::string(sqlite3_errstr(code)) + ")");
    sqlite3_busy_timeout(db, patience_ms);
    run("PRAGMA page_size = 8192");
    const std::int64_t tables = ask("SELECT count(*) FROM sqlite_master");
    if (tables < 0) {
      const int failed = static_cast<int>(-tables);
      if (is_broken(failed)) return Opened::broken;
      return refuse("cannot be read (" + std::string(sqlite3_errstr(failed)) + ")");
    }
    const std::int64_t id = ask("PRAGMA application_id"), version = ask("PRAGMA user_version");
    if (tables > 0 && id != application_id) return refuse("is a database of another program");
    if (version > store_version) return refuse("was written by a later vetset");
    writes = sqlite3_db_readonly(db, "main") == 0;
    if (writes && tables == 0 && !make()) return refuse("cannot be written (" + std::string(sqlite3_errmsg(db)) + ")");
    if (writes) run("PRAGMA journal_mode = WAL");  // where two runs meet here, one of them has done it
    run("PRAGMA synchronous = NORMAL");            // whole after a crash, up to the last transactions
    run("PRAGMA cache_size = -4096");
    if (!prepare()) return is_broken(sqlite3_errcode(db)) ? Opened::broken : refuse("has other tables");
    if (!writes) note("may not be written: what is measured now is not remembered");
    return Opened::well;
  }

  Opened refuse(const std::string& why) {
    note(why + ": nothing is remembered");
    return Opened::no;
  }

  bool make() {
    const std::string marks = "PRAGMA application_id = " + std::to_string(application_id) +
                              "; PRAGMA user_version = " + std::to_string(store_version) + ";";
    const bool made = run("BEGIN IMMEDIATE") == SQLITE_OK && run(schema) == SQLITE_OK &&
                      run(marks.c_str()) == SQLITE_OK && run("COMMIT") == SQLITE_OK;
    if (!made && sqlite3_get_autocommit(db) == 0) run("ROLLBACK");
    return made;
  }

  bool prepare() {
    find_file = Statement(db, "SELECT place, bytes, inode, changed, modified, digest FROM files WHERE id = ?");
    find_facts = Statement(db, "SELECT digest, recipe, value FROM facts WHERE id = ?");
    put_file = Statement(db, "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)");
    put_facts = Statement(db, "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)");
    return find_file && find_facts && put_file && put_facts;
  }

  /// Gives a broken file another name, with what SQLite keeps beside it.
  bool move_aside() {
    close();
    std::error_code failed;
    for (const char* part : {"-wal", "-shm"}) fs::remove(path + part, failed);
    fs::rename(path, path + ".broken", failed);
    return !failed;
  }

  /// What a step gave that should have given a row or none.
  void look_at(int code) {
    if (code == SQLITE_ROW || code == SQLITE_DONE) return;
    if (!is_broken(code)) return;  // it was not found, this time
    note("is damaged: nothing more is remembered; remove it to begin a new one");
    close();
  }

  std::optional<Measured> facts_of(const Digest& digest) {
    if (db == nullptr) return std::nullopt;
    std::optional<Measured> measured;
    const int code = find_facts.number(1, row_of(digest, recipe)).step();
    if (code == SQLITE_ROW && find_facts.text(0) == bytes_of(digest) && find_facts.text(1) == bytes_of(recipe))
      measured = measured_of(find_facts.text(2));
    find_facts.reset();
    look_at(code);
    if (measured && measured->facts.digest != digest) measured.reset();
    return measured;
  }

  std::optional<Digest> digest_of(const FileStamp& stamp) {
    if (db == nullptr) return std::nullopt;
    std::optional<Digest> digest;
    const Statement& row = find_file;
    const int code = find_file.number(1, as_integer(stamp.place.low)).step();
    if (code == SQLITE_ROW && row.text(0) == bytes_of(stamp.place) && row.whole(1) == as_integer(stamp.bytes) &&
        row.whole(2) == as_integer(stamp.inode) && row.whole(3) == stamp.changed_ns &&
        row.whole(4) == stamp.modified_ns && row.text(5).size() == 32) {
      digest.emplace();
      std::copy(row.text(5).begin(), row.text(5).end(), digest->bytes.begin());
    }
    find_file.reset();
    look_at(code);
    return digest;
  }

  bool put(const Entry& entry) {
    const std::string digest = bytes_of(entry.facts->digest);
    int code = SQLITE_DONE;
    if (!entry.known) {
      const std::string value = to_bytes({*entry.facts, *entry.pixels}), by = bytes_of(recipe);
      put_facts.number(1, row_of(entry.facts->digest, recipe)).blob(2, digest).blob(3, by).number(4, today());
      code = put_facts.blob(5, value).step();
      put_facts.reset();
    }
    if (code != SQLITE_DONE || !entry.stamp) return code == SQLITE_DONE;
    const FileStamp& stamp = *entry.stamp;
    const std::string place = bytes_of(stamp.place);
    put_file.number(1, as_integer(stamp.place.low)).blob(2, place).number(3, as_integer(stamp.bytes));
    put_file.number(4, as_integer(stamp.inode)).number(5, stamp.changed_ns).number(6, stamp.modified_ns);
    code = put_file.blob(7, digest).step();
    put_file.reset();
    return code == SQLITE_DONE;
  }

  void stop_writing(int code) {
    if (sqlite3_get_autocommit(db) == 0) run("ROLLBACK");
    writes = false;
    note("takes no more (" + std::string(sqlite3_errstr(code)) + "): what is measured now is not remembered");
  }

  /// Keeps the file from growing without end.
  void trim() {
    const std::int64_t used = ask("PRAGMA page_count") - ask("PRAGMA freelist_count");
    if (used * ask("PRAGMA page_size") <= largest) return;
    if (run("BEGIN IMMEDIATE") != SQLITE_OK) return;
    const bool done = run("DELETE FROM facts WHERE added <= (SELECT added FROM facts ORDER BY added LIMIT 1 OFFSET "
                          "(SELECT count(*) / 4 FROM facts))") == SQLITE_OK &&
                      run("DELETE FROM files WHERE digest NOT IN (SELECT digest FROM facts)") == SQLITE_OK;
    run(done ? "COMMIT" : "ROLLBACK");
  }
};

std::string FactsStore::default_path() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return (fs::path(cache) / "vetset" / "facts-v1.sqlite").string();
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return {};
  return (fs::path(home) / ".cache" / "vetset" / "facts-v1.sqlite").string();
}

FactsStore::FactsStore(const std::string& path, std::string_view recipe, bool ours)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.path = path;
  s.recipe = hash128(recipe);
  if (path.empty()) {
    s.notes.emplace_back("there is no home folder to keep a store of facts in: nothing is remembered");
    return;
  }
  if (ours) {
    std::error_code failed;
    fs::create_directories(fs::path(path).parent_path(), failed);
  }
  State::Opened opened = s.open();
  if (opened == State::Opened::broken && ours && s.move_aside()) {
    s.note("was broken: it is now " + path + ".broken, and a new one is begun");
    opened = s.open();
  }
  if (opened == State::Opened::broken) s.note("is no store of facts, or a broken one: nothing is remembered");
  if (opened != State::Opened::well) s.close();
}

FactsStore::~FactsStore() {
  if (state_->db != nullptr && state_->writes) state_->trim();
}

std::optional<Measured> FactsStore::find(const FileStamp& stamp) {
  const std::lock_guard lock(state_->mutex);
  const std::optional<Digest> digest = state_->digest_of(stamp);
  return digest ? state_->facts_of(*digest) : std::nullopt;
}

std::optional<Measured> FactsStore::find(const Digest& digest) {
  const std::lock_guard lock(state_->mutex);
  return state_->facts_of(digest);
}

void FactsStore::keep(const std::vector<Entry>& entries) {
  const std::lock_guard lock(state_->mutex);
  State& s = *state_;
  if (s.db == nullptr || !s.writes || entries.empty()) return;
  int code = s.run("BEGIN IMMEDIATE");
  if (code == SQLITE_OK) {
    bool whole = true;
    for (const Entry& entry : entries) whole = whole && s.put(entry);
    code = whole ? s.run("COMMIT") : sqlite3_errcode(s.db);
  }
  if (code != SQLITE_OK) s.stop_writing(code);
}

const std::vector<std::string>& FactsStore::notes() const { return state_->notes; }

}  // namespace vetset
