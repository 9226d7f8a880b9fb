// What tsc does not see in the scripts. It runs from the project's folder, see the Makefile.
import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    rules: {
      "no-undef": "off", // tsc knows what a browser has
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-irregular-whitespace": ["error", { skipTemplates: true }], // French has such spaces
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      curly: ["error", "multi-line"],
      "id-denylist": ["error", "one", "found", "told"], // say what it is
    },
  },
];
