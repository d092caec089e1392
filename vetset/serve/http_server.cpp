// REST on Boost.Beast with coroutines. A request's header is judged before its body is read; a worker answers it; the
// socket's thread only reads and writes.
#include "vetset/serve/http_server.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>

#include <atomic>
#include <charconv>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/serve/http_route.h"

namespace vetset {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;
using net::redirect_error;
using net::use_awaitable;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

/// Waits for what a worker says, without a thread.
template <class Start>
net::awaitable<Reply> reply_of(Start start) {
  return net::async_initiate<const net::use_awaitable_t<>, void(Reply)>(
      [](auto handler, Start begin) {
        auto held = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor = net::get_associated_executor(*held);
        begin([held, executor](Reply reply) {
          net::post(executor, [held, r = std::move(reply)]() mutable { (*held)(std::move(r)); });
        });
      },
      use_awaitable, std::move(start));
}

/// In a time that does not tell how much of it was right.
bool same_token(std::string_view given, std::string_view wanted) {
  unsigned differs = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t k = 0; k < given.size(); ++k)
    differs |=
        static_cast<unsigned char>(given[k]) ^ unsigned { static_cast<unsigned char>(wanted[k % wanted.size()]) };
  return differs == 0;
}

class Server final : public HttpServer {
 public:
  Server(Service& service, const HttpOptions& options) : service_(service), options_(options), acceptor_(io_) {}
  ~Server() override {
    stop();
    work_.reset();
    io_.stop();
    for (std::thread& t : threads_) t.join();
  }

  Result<void> listen() {
    if (options_.certificate.empty() != options_.key.empty())
      return Error{Code::usage, "a certificate and its key come together"};
    if (!options_.certificate.empty()) {
      error_code failed;
      tls_.emplace(net::ssl::context::tls_server);
      tls_->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                        net::ssl::context::no_sslv3 | net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
      if (tls_->use_certificate_chain_file(options_.certificate, failed))
        return Error{Code::malformed, "is no certificate chain in PEM: " + failed.message(), options_.certificate};
      if (tls_->use_private_key_file(options_.key, net::ssl::context::pem, failed))
        return Error{Code::malformed, "is no key of that certificate: " + failed.message(), options_.key};
    }
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
    for (unsigned k = 0; k < std::max(1U, options_.threads); ++k) threads_.emplace_back([this] { io_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop() override {
    if (stopping_.exchange(true)) return;
    net::post(io_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
  }

 private:
  net::awaitable<void> accept() {
    while (!stopping_) {
      error_code failed;
      tcp::socket socket = co_await acceptor_.async_accept(redirect_error(use_awaitable, failed));
      if (failed == net::error::operation_aborted || stopping_) co_return;
      if (failed) {  // too many open files: wait for some to close
        net::steady_timer pause(io_, std::chrono::milliseconds(50));
        co_await pause.async_wait(redirect_error(use_awaitable, failed));
        continue;
      }
      if (open_ >= options_.connections) {
        socket.close(failed);
        continue;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      net::co_spawn(net::make_strand(io_), connection(std::move(socket)), net::detached);
    }
  }

  net::awaitable<void> connection(tcp::socket socket) {
    ++open_;
    try {  // the library below throws where memory ends; no exception leaves a connection
      if (tls_) {
        beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(socket)), *tls_);
        error_code failed;
        beast::get_lowest_layer(stream).expires_after(options_.header_time);
        co_await stream.async_handshake(net::ssl::stream_base::server, redirect_error(use_awaitable, failed));
        if (!failed) co_await session(stream);
      } else {
        beast::tcp_stream stream(std::move(socket));
        co_await session(stream);
        error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
      }
    } catch (const std::exception&) {
    }
    --open_;
  }

  template <class Stream>
  net::awaitable<void> session(Stream& stream) {
    beast::flat_buffer buffer;
    for (bool first = true;; first = false) {
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes));
      parser.body_limit(service_.limits().body);
      error_code failed;
      beast::get_lowest_layer(stream).expires_after(first ? options_.header_time : options_.idle_time);
      co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, failed));
      const Clock::time_point arrived = Clock::now();
      if (failed == http::error::header_limit || failed == http::error::body_limit) {
        Response r = refusal(failed == http::error::header_limit ? 431 : 413,
                             failed == http::error::header_limit
                                 ? "headers of more than " + std::to_string(options_.header_bytes) + " bytes"
                                 : too_large());
        co_await send(stream, parser.get(), std::move(r), arrived, false);
        co_return;
      }
      if (failed) {
        if (is_protocol_error(failed))
          co_await send(stream, parser.get(), refusal(400, "the request is no HTTP: " + failed.message()), arrived,
                        false);
        co_return;
      }
      const HttpRoute route = http_route(text(parser.get().method_string()), text(parser.get().target()));
      if (std::optional<Response> no = refused(parser.get(), route)) {  // before its body was read
        co_await send(stream, parser.get(), *std::move(no), arrived, false);
        co_return;
      }
      if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go{http::status::continue_, 11};
        co_await http::async_write(stream, go, redirect_error(use_awaitable, failed));
        if (failed) co_return;
      }
      beast::get_lowest_layer(stream).expires_after(options_.body_time);
      co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, failed));
      if (failed == http::error::body_limit) {
        co_await send(stream, parser.get(), refusal(413, too_large()), arrived, false);
        co_return;
      }
      if (failed) {
        if (is_protocol_error(failed))
          co_await send(stream, parser.get(), refusal(400, "the body is no HTTP: " + failed.message()), arrived, false);
        co_return;
      }
      beast::get_lowest_layer(stream).expires_never();
      Response response = co_await answer(parser.get(), route, arrived);
      const bool on = parser.get().keep_alive() && !stopping_;
      const bool sent = co_await send(stream, parser.get(), std::move(response), arrived, on);
      if (!sent || !on) co_return;
    }
  }

  /// What a request's header alone rules out.
  std::optional<Response> refused(const Request& q, const HttpRoute& route) const {
    using What = HttpRoute::What;
    if (!options_.token.empty() && !route.open_to_all()) {
      const std::string_view given = text(q[http::field::authorization]);
      if (!given.starts_with("Bearer ") || !same_token(given.substr(7), options_.token)) {
        Response r = refusal(401, "a bearer token is asked for");
        r.set(http::field::www_authenticate, "Bearer");
        return r;
      }
    }
    if (route.what == What::none) return refusal(404, "there is no " + std::string(text(q.target()).substr(0, 200)));
    if (route.what == What::wrong_method) {
      Response r = refusal(405, "expected " + std::string(route.allow));
      r.set(http::field::allow, route.allow);
      return r;
    }
    if (const std::string_view coding = text(q[http::field::content_encoding]);
        !coding.empty() && !beast::iequals(coding, "identity"))
      return refusal(415, "the content encoding '" + std::string(coding.substr(0, 40)) + "' is not taken");
    return std::nullopt;
  }

  net::awaitable<Response> answer(Request& q, const HttpRoute& route, Clock::time_point arrived) {
    using What = HttpRoute::What;
    const auto json = [](std::string body) {
      Response r{http::status::ok, 11};
      r.set(http::field::content_type, "application/json");
      r.body() = std::move(body);
      return r;
    };
    const std::shared_ptr<const Serving> serving = service_.find(route.model, route.version);
    const auto unknown = [&] {
      return refusal(404, "no model is called '" + route.model.substr(0, 80) + "'" +
                              (route.version.empty() ? "" : " in that version"));
    };
    switch (route.what) {
      case What::page: {
        Response r = json(std::string(serve_page()));
        r.set(http::field::content_type, "text/html; charset=utf-8");
        r.set("Content-Security-Policy",
              "default-src 'none'; connect-src 'self'; img-src blob: data:; script-src 'unsafe-inline'; style-src "
              "'unsafe-inline'");
        co_return r;
      }
      case What::server: co_return json(oip_server_metadata());
      case What::live: co_return json("{\"live\":true}");
      case What::ready: {
        Response r = json(service_.ready() ? "{\"live\":true,\"ready\":true}" : "{\"live\":true,\"ready\":false}");
        if (!service_.ready()) r.result(503);
        co_return r;
      }
      case What::metrics: {
        Response r = json(service_.metrics());
        r.set(http::field::content_type, "text/plain; version=0.0.4");
        co_return r;
      }
      case What::index: {
        std::string body;
        JsonWriter w(body);
        w.begin_array();
        for (const Serving& s : service_.models())
          w.begin_object()
              .key("name")
              .value(s.name)
              .key("version")
              .value(s.version)
              .key("state")
              .value("READY")
              .end_object();
        w.end_array();
        co_return json(std::move(body));
      }
      case What::load: co_return refusal(400, "models are named when the server starts");
      case What::model:
        if (!serving) co_return unknown();
        co_return json(oip_model_metadata(serving->name, serving->version, "onnxruntime_onnx",
                                          serving->model->session().inputs(), serving->model->session().outputs()));
      case What::model_ready:
        if (!serving) co_return unknown();
        co_return json("{\"name\":" + quoted(serving->name) + ",\"ready\":true}");
      case What::model_config:
        if (!serving) co_return unknown();
        co_return json(oip_model_config(serving->name, "onnxruntime_onnx", serving->model->session().inputs(),
                                        serving->model->session().outputs()));
      case What::model_stats: {
        if (!serving && !route.model.empty()) co_return unknown();
        if (serving) co_return json(service_.statistics(serving->name, serving->version));
        co_return refusal(400, "name a model: v2/models/MODEL/stats");
      }
      case What::infer: {
        std::optional<std::uint64_t> json_bytes;
        if (const std::string_view length = text(q["Inference-Header-Content-Length"]); !length.empty()) {
          std::uint64_t n = 0;
          const auto read = std::from_chars(length.data(), length.data() + length.size(), n);
          if (read.ec != std::errc() || read.ptr != length.data() + length.size())
            co_return refusal(400, "Inference-Header-Content-Length is no whole number");
          json_bytes = n;
        }
        auto body = std::make_shared<const std::string>(std::move(q.body()));
        Reply reply = co_await reply_of([this, &route, body, json_bytes, arrived](std::function<void(Reply)> done) {
          service_.infer(route.model, route.version, body, json_bytes, arrived + options_.most_wait, std::move(done));
        });
        co_return response_of(std::move(reply));
      }
      case What::predict: {
        std::string model = route.model;
        if (model.empty()) {
          const std::vector<Serving> all = service_.models();
          if (all.size() != 1) co_return refusal(400, "name one of the models: predict/MODEL");
          model = all[0].name;
        }
        auto body = std::make_shared<const std::string>(std::move(q.body()));
        Reply reply = co_await reply_of([this, model, body, arrived](std::function<void(Reply)> done) {
          service_.predict(model, body, arrived + options_.most_wait, std::move(done));
        });
        co_return response_of(std::move(reply));
      }
      case What::none:
      case What::wrong_method: break;
    }
    co_return refusal(404, "there is no such place");
  }

  template <class Stream>
  net::awaitable<bool> send(Stream& stream, const Request& q, Response response, Clock::time_point arrived, bool keep) {
    const std::string_view asked_id = text(q["X-Request-Id"]);
    const std::string id =
        asked_id.empty() || asked_id.size() > 128 ? std::to_string(++requests_) : std::string(asked_id);
    response.set("X-Request-Id", id);
    response.keep_alive(keep);
    if (q.method() == http::verb::head) response.body().clear();
    response.prepare_payload();
    if (options_.log) {
      std::string line;
      JsonWriter w(line);
      w.begin_object().key("request_id").value(id).key("method").value(text(q.method_string()));
      w.key("target").value(text(q.target()).substr(0, 200)).key("status").value(std::uint64_t{response.result_int()});
      w.key("bytes_in")
          .value(std::uint64_t{q.body().size()})
          .key("bytes_out")
          .value(std::uint64_t{response.body().size()});
      w.key("seconds").value(std::chrono::duration<double>(Clock::now() - arrived).count()).end_object();
      options_.log(line);
    }
    beast::get_lowest_layer(stream).expires_after(options_.body_time);
    error_code failed;
    co_await http::async_write(stream, response, redirect_error(use_awaitable, failed));
    co_return !failed;
  }

  static Response response_of(Reply reply) {
    const unsigned status[] = {200, 400, 404, 413, 429, 503, 504, 500};
    Response r{static_cast<http::status>(status[static_cast<std::size_t>(reply.served)]), 11};
    r.set(http::field::content_type, reply.content_type);
    if (reply.json_bytes) r.set("Inference-Header-Content-Length", std::to_string(*reply.json_bytes));
    if (reply.retry_after_s) r.set(http::field::retry_after, std::to_string(reply.retry_after_s));
    r.body() = std::move(reply.body);
    return r;
  }
  static Response refusal(unsigned status, const std::string& message) {
    Response r{static_cast<http::status>(status), 11};
    r.set(http::field::content_type, "application/json");
    r.body() = oip_error(message);
    return r;
  }
  std::string too_large() const { return "a body of more than " + std::to_string(service_.limits().body) + " bytes"; }
  static std::string quoted(std::string_view value) {
    std::string out;
    append_json_string(out, value);
    return out;
  }
  static std::string_view text(beast::string_view s) { return {s.data(), s.size()}; }
  /// Of HTTP's grammar, not of the connection.
  static bool is_protocol_error(const error_code& e) {
    return e.category() == make_error_code(http::error::bad_method).category() && e != http::error::end_of_stream &&
           e != http::error::partial_message;
  }

  Service& service_;
  HttpOptions options_;
  net::io_context io_;
  net::executor_work_guard<net::io_context::executor_type> work_{io_.get_executor()};
  tcp::acceptor acceptor_;
  std::optional<net::ssl::context> tls_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint32_t> open_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(Service& service, const HttpOptions& options) {
  auto server = std::make_unique<Server>(service, options);
  VETSET_DO(server->listen());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace vetset
