// Lighthouse as it judges a phone: slow 4G (150 ms, 1.6 Mbit/s) and a CPU four times slower, simulated.
export default {
  extends: "lighthouse:default",
  settings: {
    formFactor: "mobile",
    throttlingMethod: "simulate",
    onlyAudits: ["largest-contentful-paint", "cumulative-layout-shift", "server-response-time"],
  },
};
