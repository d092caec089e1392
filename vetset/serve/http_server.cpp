// REST on Boost.Beast with coroutines. A request's head is judged before its body is read; a worker answers it; this
// one thread only reads and writes sockets, so that nothing here needs a lock.
#include "vetset/serve/http_server.h"

#include <poll.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "vetset/serve/http_answer.h"

namespace vetset {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;
using net::redirect_error;
using net::use_awaitable;
using Head = http::request_parser<http::empty_body>;

constexpr std::size_t step = 256 << 10;  // a body grows by so much before more of it has come
constexpr std::size_t small_body = 64 << 10;
constexpr std::chrono::seconds linger{2};

std::string_view text(beast::string_view s) { return {s.data(), s.size()}; }

/// In a time that does not tell how much of it was right.
bool same_token(std::string_view given, std::string_view wanted) {
  unsigned differs = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t k = 0; k < given.size(); ++k) {
    const auto a = static_cast<unsigned char>(given[k]), b = static_cast<unsigned char>(wanted[k % wanted.size()]);
    differs |= static_cast<unsigned>(a ^ b);
  }
  return differs == 0;
}

/// Of HTTP's grammar, not of the connection.
bool is_grammar(const error_code& e) {
  return e.category() == make_error_code(http::error::bad_method).category() && e != http::error::end_of_stream &&
         e != http::error::partial_message;
}

/// Both sides are closed, or the client's system has said so. A client that closed its own side alone still listens.
bool has_left(int socket) {
  pollfd seen{.fd = socket, .events = 0, .revents = 0};
  return ::poll(&seen, 1, 0) > 0 && (seen.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

struct Connection {
  explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {}
  tcp::socket socket;
  std::string peer = {};
  Clock::time_point due = Clock::time_point::max();  // what it waits for ends then
  bool timed_out = false, idle = true, lost = false;
};

/// What a worker said, and the coroutine that waits for it.
struct Pending {
  explicit Pending(net::io_context& io) : answered(io, Clock::time_point::max()) {}
  net::steady_timer answered;
  std::optional<Reply> reply = {};
};

/// Bytes of requests that are here, for as long as they are.
struct Held {
  std::uint64_t& all;
  std::uint64_t mine = 0;
  void add(std::uint64_t n) { all += n, mine += n; }
  ~Held() { all -= mine; }
};

/// One request and its answer.
struct Exchange {
  Clock::time_point arrived = Clock::now();
  HttpRoute route = {};
  std::string body = {};
  HttpAnswer answer = {};
  HttpLogged logged = {};
  bool keep = false, head_only = false, silent = false;
};

class Server final : public HttpServer {
 public:
  Server(Service& service, const HttpOptions& options)
      : service_(service), options_(options), acceptor_(io_), tick_(io_) {}
  ~Server() override {
    (void)stop(std::chrono::milliseconds(0));
    while (executing_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // workers know this server
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> listen() {
    VETSET_DO(use_certificate());
    error_code failed;
    const net::ip::address address = net::ip::make_address(options_.address, failed);
    if (failed) return Error{Code::usage, "'" + options_.address + "' is no IP address to listen on"};
    const tcp::endpoint place(address, options_.port);
    const auto cannot = [&](const char* what) {
      return Error{Code::io, std::string("port ") + std::to_string(options_.port) + " of " + options_.address +
                                 " cannot be " + what + ": " + failed.message()};
    };
    if (acceptor_.open(place.protocol(), failed)) return cannot("opened");
    acceptor_.set_option(net::socket_base::reuse_address(true), failed);
    if (acceptor_.bind(place, failed)) return cannot("taken");
    if (acceptor_.listen(net::socket_base::max_listen_connections, failed)) return cannot("listened on");
    port_ = acceptor_.local_endpoint(failed).port();
    net::co_spawn(io_, accept(), net::detached);
    net::co_spawn(io_, watch(), net::detached);
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  bool stop(std::chrono::milliseconds most) override {
    if (!stopping_.exchange(true)) net::post(io_, [this] { close_door(); });
    const Clock::time_point end = Clock::now() + most;
    while (!closed_ || answering_ > 0) {
      if (Clock::now() >= end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

 private:
  Result<void> use_certificate() {
    if (options_.certificate.empty() != options_.key.empty())
      return Error{Code::usage, "a certificate and its key come together"};
    if (options_.certificate.empty()) return {};
    error_code failed;
    tls_.emplace(net::ssl::context::tls_server);
    tls_->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                      net::ssl::context::no_sslv3 | net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
    if (tls_->use_certificate_chain_file(options_.certificate, failed))
      return Error{Code::malformed, "is no certificate chain in PEM: " + failed.message(), options_.certificate};
    if (tls_->use_private_key_file(options_.key, net::ssl::context::pem, failed))
      return Error{Code::malformed, "is no key of that certificate: " + failed.message(), options_.key};
    return {};
  }

  /// Those who stand before the door are let in; then it is closed, and those who say nothing are let go.
  void close_door() {
    error_code failed;
    acceptor_.non_blocking(true, failed);
    while (!failed) {
      tcp::socket socket(io_);
      acceptor_.accept(socket, failed);
      if (!failed) take(std::move(socket));
    }
    acceptor_.close(failed);
    for (Connection* c : connections_)
      if (c->idle && c->socket.available(failed) == 0) c->due = Clock::now() + std::chrono::seconds(1);
    closed_ = true;
  }

  /// Ends what took too long, and keeps the date.
  net::awaitable<void> watch() {
    for (;;) {
      const Clock::time_point now = Clock::now();
      for (Connection* c : connections_) {
        if (now <= c->due) continue;
        c->timed_out = true;
        c->due = Clock::time_point::max();
        error_code ignored;
        c->socket.cancel(ignored);
      }
      const std::int64_t second =
          std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
      if (second != second_) {
        second_ = second;
        date_ = http_date(second);
        log_date_ = log_date(second);
      }
      tick_.expires_after(std::chrono::milliseconds(100));
      error_code failed;
      co_await tick_.async_wait(redirect_error(use_awaitable, failed));
      if (failed) co_return;
    }
  }

  net::awaitable<void> accept() {
    while (!stopping_) {
      error_code failed;
      tcp::socket socket = co_await acceptor_.async_accept(redirect_error(use_awaitable, failed));
      if (!failed) {
        take(std::move(socket));
        continue;
      }
      if (failed == net::error::operation_aborted || stopping_) co_return;
      net::steady_timer pause(io_, std::chrono::milliseconds(50));  // too many open files: some will close
      co_await pause.async_wait(redirect_error(use_awaitable, failed));
    }
  }

  void take(tcp::socket socket) {
    error_code ignored;
    if (connections_.size() >= options_.connections) {
      if (!tls_) {
        const HttpAnswer no = http_refusal(503, std::to_string(options_.connections) + " connections are open");
        socket.non_blocking(true, ignored);
        socket.write_some(net::buffer(http_head(no, date_, "-", false) + no.body), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
      }
      return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    auto c = std::make_shared<Connection>(std::move(socket));
    c->peer = c->socket.remote_endpoint(ignored).address().to_string();
    ++answering_;
    net::co_spawn(io_, connection(c), net::detached);
  }

  net::awaitable<void> connection(std::shared_ptr<Connection> c) {
    connections_.insert(c.get());
    try {  // the libraries below throw where memory ends; no exception leaves a connection
      if (tls_)
        co_await secured(*c);
      else
        co_await session(*c, c->socket);
    } catch (const std::exception&) {
      c->lost = true;
    }
    --answering_;
    // To close while the client still writes would destroy the answer on its way.
    error_code failed;
    c->socket.shutdown(tcp::socket::shutdown_send, failed);
    c->due = Clock::now() + linger;
    c->timed_out = false;
    std::array<char, 16 << 10> rest;
    while (!failed && !c->lost && !c->timed_out)
      co_await c->socket.async_read_some(net::buffer(rest), redirect_error(use_awaitable, failed));
    connections_.erase(c.get());
  }

  net::awaitable<void> secured(Connection& c) {
    net::ssl::stream<tcp::socket&> stream(c.socket, *tls_);
    error_code failed;
    wait_at_most(c, options_.header_time);
    co_await stream.async_handshake(net::ssl::stream_base::server, redirect_error(use_awaitable, failed));
    if (failed) {
      c.lost = true;
      co_return;
    }
    co_await session(c, stream);
    if (c.lost) co_return;
    wait_at_most(c, std::chrono::seconds(1));
    co_await stream.async_shutdown(redirect_error(use_awaitable, failed));
  }

  static void wait_at_most(Connection& c, std::chrono::seconds time) {
    c.due = Clock::now() + time;
    c.timed_out = false;
  }
  std::chrono::seconds time_of(std::uint64_t bytes) const {
    return options_.body_time + std::chrono::seconds(bytes >> 20);
  }

  template <class Stream>
  net::awaitable<void> session(Connection& c, Stream& stream) {
    beast::flat_buffer buffer;
    for (bool first = true;; first = false) {
      error_code failed;
      if (buffer.size() == 0) {  // nothing of a request has come
        c.idle = true;
        wait_at_most(c, stopping_ ? std::chrono::seconds(1) : first ? options_.header_time : options_.idle_time);
        const std::size_t n =
            co_await stream.async_read_some(buffer.prepare(16 << 10), redirect_error(use_awaitable, failed));
        buffer.commit(n);
        c.idle = false;
        if (failed) co_return;
      }
      Exchange x;
      x.logged.peer = c.peer;
      Held held{.all = held_};
      co_await take_request(c, stream, buffer, x, held);
      if (!x.silent) co_await give_answer(c, stream, x);
      if (x.silent || !x.keep) co_return;
    }
  }

  /// Reads one request and finds its answer.
  template <class Stream>
  net::awaitable<void> take_request(Connection& c, Stream& stream, beast::flat_buffer& buffer, Exchange& x,
                                    Held& held) {
    Head head;
    head.header_limit(static_cast<std::uint32_t>(options_.header_bytes));
    head.body_limit(service_.limits().body);
    error_code failed;
    wait_at_most(c, options_.header_time);
    co_await http::async_read_header(stream, buffer, head, redirect_error(use_awaitable, failed));
    const auto& q = head.get();
    x.logged.method = text(q.method_string());
    x.logged.target = text(q.target()).substr(0, 200);
    x.logged.request_id = request_id(text(q["X-Request-Id"]));
    x.head_only = q.method() == http::verb::head;
    if (failed) {
      x.answer = broken(c, failed, x);
      co_return;
    }
    x.route = http_route(text(q.method_string()), text(q.target()));
    x.logged.model = x.route.model;
    std::optional<HttpAnswer> no = refused(head, x.route);
    if (no) {
      x.keep = head.is_done() && q.keep_alive() && no->status != 400;
      x.answer = *std::move(no);
      co_return;
    }
    const std::string_view length = text(q["Inference-Header-Content-Length"]);
    std::optional<std::uint64_t> json_bytes;
    if (!length.empty()) {
      std::uint64_t n = 0;
      const auto read = std::from_chars(length.data(), length.data() + length.size(), n);
      if (read.ec != std::errc() || read.ptr != length.data() + length.size()) {
        x.answer = http_refusal(400, "Inference-Header-Content-Length is no whole number");
        co_return;
      }
      json_bytes = n;
    }
    const bool keep = q.keep_alive();
    if (!head.is_done()) {
      co_await read_body(c, stream, buffer, head, x, held);
      if (x.silent || x.answer.status != 200) co_return;
    }
    x.logged.bytes_in = x.body.size();
    c.due = Clock::time_point::max();
    if (x.route.has_body())
      co_await execute(c, x, json_bytes);
    else
      x.answer = http_told(service_, x.route);
    x.keep = keep && !stopping_ && service_.ready();  // one that will stop sends its clients elsewhere
  }

  /// Of a request that did not come whole.
  HttpAnswer broken(const Connection& c, const error_code& failed, Exchange& x) const {
    if (c.timed_out) return http_refusal(408, "the request took too long to come");
    if (failed == http::error::header_limit)
      return http_refusal(431, "headers of more than " + std::to_string(options_.header_bytes) + " bytes");
    if (failed == http::error::body_limit) return http_refusal(413, too_large(service_.limits().body));
    if (is_grammar(failed)) return http_refusal(400, "the request is no HTTP: " + failed.message());
    x.silent = true;
    return {};
  }
  static std::string too_large(std::uint64_t most) { return "a body of more than " + std::to_string(most) + " bytes"; }

  std::string request_id(std::string_view asked) {
    const bool plain = std::all_of(asked.begin(), asked.end(), [](char c) { return c > ' ' && c < 0x7f; });
    return asked.empty() || asked.size() > 128 || !plain ? std::to_string(++requests_) : std::string(asked);
  }

  /// What a request's head alone rules out.
  std::optional<HttpAnswer> refused(const Head& head, const HttpRoute& route) {
    using What = HttpRoute::What;
    const auto& q = head.get();
    if (q.version() >= 11 && q.count(http::field::host) != 1)
      return http_refusal(400, "expected one Host in the request's head");
    if (!options_.token.empty() && !route.open_to_all()) {
      const std::string_view given = text(q[http::field::authorization]);
      if (given.size() < 7 || !beast::iequals(given.substr(0, 7), "bearer ") ||
          !same_token(given.substr(7), options_.token)) {
        HttpAnswer no = http_refusal(401, "expected a bearer token: Authorization: Bearer …");
        no.fields = "WWW-Authenticate: Bearer\r\n";
        return no;
      }
    }
    if (route.what == What::none)
      return http_refusal(404, "there is no " + std::string(text(q.target()).substr(0, 200)));
    if (route.what == What::wrong_method) {
      HttpAnswer no = http_refusal(405, "expected " + std::string(route.allow));
      no.fields = "Allow: " + std::string(route.allow) + (route.allow == "GET" ? ", HEAD\r\n" : "\r\n");
      return no;
    }
    if (const std::string_view coding = text(q[http::field::content_encoding]);
        !coding.empty() && !beast::iequals(coding, "identity"))
      return http_refusal(415, "the content encoding '" + std::string(coding.substr(0, 40)) + "' is not taken");
    if (const std::string_view expected = text(q[http::field::expect]);
        !expected.empty() && !beast::iequals(expected, "100-continue"))
      return http_refusal(417, "'" + std::string(expected.substr(0, 40)) + "' cannot be expected of this server");
    const auto length = head.content_length();
    if (!route.has_body() && length && *length > small_body) return http_refusal(413, too_large(small_body));
    if (route.has_body() && !service_.find(route.model, route.version) && !route.model.empty())
      return http_refusal(404, unknown_model(route.model, route.version));
    if (length && held_ + *length > options_.body_bytes) return overloaded(route);
    return std::nullopt;
  }

  HttpAnswer overloaded(const HttpRoute& route) {
    service_.refused(route.model, 429);
    HttpAnswer no = http_refusal(429, "the requests that are here take " + std::to_string(held_) + " of " +
                                          std::to_string(options_.body_bytes) + " bytes");
    no.fields = "Retry-After: 1\r\n";
    return no;
  }

  template <class Stream>
  net::awaitable<void> read_body(Connection& c, Stream& stream, beast::flat_buffer& buffer, Head& head, Exchange& x,
                                 Held& held) {
    error_code failed;
    if (!head.get()[http::field::expect].empty() && head.get().version() >= 11) {
      constexpr std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await net::async_write(stream, net::buffer(go.data(), go.size()), redirect_error(use_awaitable, failed));
    }
    const auto length = head.content_length();
    if (!failed && length) {
      held.add(*length);
      wait_at_most(c, time_of(*length));
      const auto all = static_cast<std::size_t>(*length);
      const std::size_t here = std::min(buffer.size(), all);
      x.body.reserve(all);
      x.body.assign(static_cast<const char*>(buffer.data().data()), here);
      buffer.consume(here);
      while (!failed && x.body.size() < all) {  // straight into its place
        const std::size_t before = x.body.size(), more = std::min(all - before, step);
        x.body.resize(before + more);
        co_await net::async_read(stream, net::buffer(x.body.data() + before, more),
                                 redirect_error(use_awaitable, failed));
      }
    } else if (!failed) {
      http::request_parser<http::string_body> chunks(std::move(head));
      const std::uint64_t most = x.route.has_body() ? service_.limits().body : small_body;
      chunks.body_limit(most);
      wait_at_most(c, time_of(0));
      while (!failed && !chunks.is_done()) {
        co_await http::async_read_some(stream, buffer, chunks, redirect_error(use_awaitable, failed));
        const std::uint64_t now = chunks.get().body().size();
        if (now > held.mine) held.add(now - held.mine);
        if (held_ > options_.body_bytes) {
          x.answer = overloaded(x.route);
          co_return;
        }
      }
      if (failed == http::error::body_limit) {
        x.answer = http_refusal(413, too_large(most));
        co_return;
      }
      x.body = std::move(chunks.get().body());
    }
    if (failed) x.answer = broken(c, failed, x);
  }

  /// Has a worker execute it, and waits without a thread.
  net::awaitable<void> execute(Connection& c, Exchange& x, std::optional<std::uint64_t> json_bytes) {
    if (x.route.what == HttpRoute::What::predict && x.route.model.empty()) {
      const std::vector<Serving> all = service_.models();
      if (all.size() != 1) {
        x.answer = http_refusal(400, "name one of the models: predict/MODEL");
        co_return;
      }
      x.logged.model = all[0].name;
    }
    const auto body = std::make_shared<const std::string>(std::move(x.body));
    const auto pending = std::make_shared<Pending>(io_);
    Waiter waiter{.deadline = x.arrived + options_.most_wait, .done = {}};
    waiter.gone = [socket = c.socket.native_handle()] { return has_left(socket); };
    waiter.done = [this, pending](Reply reply) {
      net::post(io_, [pending, r = std::move(reply)]() mutable {
        pending->reply = std::move(r);
        pending->answered.cancel();
      });
      --executing_;
    };
    ++executing_;
    if (x.route.what == HttpRoute::What::infer)
      service_.infer(x.route.model, x.route.version, body, json_bytes, std::move(waiter));
    else
      service_.predict(x.logged.model, body, std::move(waiter));
    error_code ignored;
    while (!pending->reply) co_await pending->answered.async_wait(redirect_error(use_awaitable, ignored));
    x.silent = pending->reply->served == Served::gone;
    c.lost = x.silent;
    x.answer = http_answer(*std::move(pending->reply));
    if (x.silent) log(x);
  }

  template <class Stream>
  net::awaitable<void> give_answer(Connection& c, Stream& stream, Exchange& x) {
    log(x);
    const std::string head = http_head(x.answer, date_, x.logged.request_id, x.keep);
    const std::array<net::const_buffer, 2> parts{
        net::buffer(head), x.head_only ? net::const_buffer() : net::const_buffer(net::buffer(x.answer.body))};
    wait_at_most(c, time_of(x.answer.body.size()));
    error_code failed;
    co_await net::async_write(stream, parts, redirect_error(use_awaitable, failed));
    if (!failed) co_return;
    x.keep = false;
    c.lost = true;
  }

  void log(Exchange& x) {
    if (!options_.log) return;
    x.logged.time = log_date_;
    x.logged.seconds = std::chrono::duration<double>(Clock::now() - x.arrived).count();
    options_.log(http_log_line(x.logged, x.answer));
  }

  Service& service_;
  HttpOptions options_;
  std::set<Connection*> connections_ = {};
  std::uint64_t held_ = 0, requests_ = 0;
  std::int64_t second_ = 0;
  std::string date_ = {}, log_date_ = {};
  std::optional<net::ssl::context> tls_ = {};
  std::atomic<bool> stopping_ = false, closed_ = false;
  std::atomic<std::size_t> answering_ = 0, executing_ = 0;
  net::io_context io_{1};  // its end ends the coroutines, which use what is above
  tcp::acceptor acceptor_;
  net::steady_timer tick_;
  std::uint16_t port_ = 0;
  std::thread thread_ = {};
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(Service& service, const HttpOptions& options) {
  auto server = std::make_unique<Server>(service, options);
  VETSET_DO(server->listen());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace vetset
