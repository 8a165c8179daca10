"""Words that a model takes for names, and which are nobody's by themselves: those of forms and of letters, programs."""

from typing import Final

_NO_NAME_WORDS: Final = """
plaintiff defendant defendants plaintiffs witness court judge counsel attorney address phone email mail ssn date guest
guests passenger passengers patient patients tenant tenants visitor visitors attendee attendees beneficiary name
subject passport license licence notary id number bar case docket filed effective prepared signed contact operations
sales marketing finance legal support engineering security analysis facts summary discussion conclusion experience
education skills title confidential memorandum re to from cc bcc order opinion api url http https json yaml xml html
css sql aws gcp azure eks ec2 s3 rds iam vpc cli sdk ide os cpu gpu ram ssd pdf csv faq asap fyi eta ceo cto cfo hr it
pr qa ui ux tbd todo fixme error warning info debug none null true false exception traceback kubernetes docker python
java javascript typescript linux windows macos monday tuesday wednesday thursday friday saturday sunday january
february march april june july august september october november december today tomorrow yesterday hello hi dear
thanks thank regards sincerely please yes no ok okay invoice total amount price account bank card credit payment
balance transaction iban swift website personal zip apt suite unit street road avenue mobile fax desk user username
password token key secret session request response server client error code version release build commit branch merge
pull issue bug feature test sir madam model sku node pod
"""
NO_NAME: Final = frozenset(_NO_NAME_WORDS.split())

# Programs, services, machines that the model takes for people, places and companies; nobody is called so.
_PRODUCTS_WORDS: Final = """
kafka jenkins zookeeper couchbase neo4j flink superset metabase redis nginx apache grafana prometheus rabbitmq
memcached elasticsearch kibana logstash postgres postgresql mysql mariadb sqlite mongodb dynamodb clickhouse snowflake
bigquery airflow dbt spark hadoop hive gradle maven kotlin golang php perl bash zsh powershell terraform ansible
vagrant pulumi istio envoy traefik haproxy consul django flask fastapi celery rails laravel symfony react angular vue
svelte webpack npm yarn pnpm eslint typescript nodejs deno pytest junit selenium playwright ubuntu debian fedora
centos macbook iphone ipad ipados ios android chromebook thinkpad nvidia cuda cudnn pytorch tensorflow numpy pandas
jupyter lambda ecs ecr ses sqs sns kms ebs efs alb elb jira confluence trello github gitlab bitbucket sentry datadog
opentelemetry loki tempo widget widgets blueprints kubectl kustomize argo argocd podman server jvm orm ci cd gpt llama
gemini swagger openapi graphql grpc protobuf websocket oauth err warn kafka kestrel mockito jest cloudwatch cloudfront
cloudformation cloudflare fargate lightsail sagemaker bedrock redshift kinesis glue cognito dynamo spanner firestore
bigtable dataflow pubsub cosmos databricks synapse tableau looker superset metabase splunk dynatrace honeycomb zipkin
fluentd fluentbit telegraf influxdb timescaledb neo4j couchdb couchbase cockroachdb opensearch solr lucene pinecone
weaviate qdrant milvus pgvector etcd zookeeper nomad packer puppet chef saltstack crossplane tekton spinnaker circleci
teamcity gitea gerrit sonarqube snyk dependabot renovate keycloak okta auth0 sendgrid twilio mixpanel zendesk intercom
freshdesk asana figma postman insomnia hibernate tomcat jetty quarkus micronaut spring boot springboot log4j slf4j
jackson-databind guava puppeteer storybook vite rollup parcel babel prettier tailwind bootstrap nextjs nuxt gatsby
redux mobx rxjs lodash express fastify nestjs electron tauri capacitor flutter xamarin unity unreal godot bazel
sidekiq webpacker hotwire rubocop clippy siri haskell clojure erlang elixir fortran cobol dart groovy matlab vim emacs
neovim intellij pycharm webstorm xcode eclipse netbeans vscode scipy sklearn scikit-learn matplotlib seaborn plotly
keras xgboost lightgbm langchain llamaindex spacy nltk huggingface sqlalchemy alembic pydantic poetry setuptools
virtualenv conda anaconda celery gunicorn uvicorn pixel galaxy xperia surface xbox playstation kindle echo cortana
backlog sprint epic kanban progress todo done review standup retro roadmap milestone changelog use using install
deploy open run upgrade configure enable restart reboot rebuild
"""
_PRODUCTS: Final = frozenset(_PRODUCTS_WORDS.split())
THINGS: Final = NO_NAME | _PRODUCTS  # what each of is nobody's name by itself
