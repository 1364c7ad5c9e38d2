/** ESLint looks at .vue files only: everything else is Biome's. */
import vue from 'eslint-plugin-vue'
import accessibility from 'eslint-plugin-vuejs-accessibility'
import typescript from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

const forVue = (configs) => configs.map((config) => ({ ...config, files: ['ui/**/*.vue'] }))

export default [
  { ignores: ['**/node_modules', 'ui/dist', 'server', 'native', 'tests', 'bench', 'models', 'drizzle'] },
  ...forVue(vue.configs['flat/recommended']),
  ...forVue(accessibility.configs['flat/recommended']),
  {
    files: ['ui/**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: typescript.parser, sourceType: 'module' } },
    rules: {
      // Layout is for the reader's eye, not for one attribute a line.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
      'vue/require-default-prop': 'off',
      // A label is tied by `for`; the field stands beside it.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      'vuejs-accessibility/form-control-has-label': 'error',
      'vue/define-props-destructuring': ['error', { destructure: 'only-when-assigned' }],
      'vue/no-v-html': 'error',
      'vue/no-unused-refs': 'error',
    },
  },
]
