import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter(),
      // Routes live behind the #: one file serves every deep link from any file server or IPFS gateway.
      router: { type: "hash" },
      csp: {
        mode: "hash",
        // `serve.ts` sends the same as a header, narrowed to the endpoints that it was given.
        directives: {
          "default-src": ["none"],
          "script-src": ["self", "wasm-unsafe-eval"],
          "style-src": ["self"],
          "img-src": ["self", "data:", "blob:"],
          "font-src": ["self"],
          "worker-src": ["self"],
          "connect-src": ["self", "https:", "wss:", "http://127.0.0.1:*", "ws://127.0.0.1:*"],
          "base-uri": ["none"],
          "form-action": ["none"],
        },
      },
    }),
  ],
});
